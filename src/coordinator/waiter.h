// Where a call waits for its answer: shared by the waiting task and the reply_to that the machine
// holds, since either may go first. Lives on the machine's shard.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "base/result.h"
#include "runtime/wait.h"

namespace barnabas::coordinator {

// Ends a call's waiting from outside, when nobody wants the answer any more. Outlives the call.
class cancellation {
 public:
  void cancel() {
    is_cancelled_ = true;
    if (waiting_ != nullptr) {
      waiting_->notify_all();
    }
  }

 private:
  template <class T>
  friend class waiter;
  bool is_cancelled_ = false;
  runtime::condition* waiting_ = nullptr;
};

template <class T>
class waiter {
 public:
  void deliver(result<T> answer) {
    answer_.emplace(std::move(answer));
    answered_.notify_all();
  }

  // REQUEST_TIMED_OUT at the deadline or when it is cancelled.
  static runtime::task<result<T>> wait(std::shared_ptr<waiter> self, runtime::steady_time deadline,
                                       cancellation* cancel) {
    const auto is_cancelled = [cancel] { return cancel != nullptr && cancel->is_cancelled_; };
    if (cancel != nullptr) {
      cancel->waiting_ = &self->answered_;
    }
    while (!self->answer_ && !is_cancelled() && co_await self->answered_.wait_until(deadline)) {
    }
    if (cancel != nullptr) {
      cancel->waiting_ = nullptr;
    }
    co_return self->answer_ ? std::move(*self->answer_) : fail(error_code::request_timed_out);
  }

 private:
  std::optional<result<T>> answer_;
  runtime::condition answered_;
};

}  // namespace barnabas::coordinator
