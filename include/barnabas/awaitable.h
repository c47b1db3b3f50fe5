// One asynchronous answer, for a callback or a coroutine of any executor:
//
//   producer.send_async(record).then([](result<delivery> sent) { ... });      // on the I/O thread
//   auto sent = co_await producer.send_async(record);                         // resumed there, too
//   auto sent = co_await producer.send_async(record).resume_by(post);        // resumed by
//   post(handle)
//
// Nothing happens before then() or co_await; what the call took must live until that. The I/O
// thread is the library's: do not block it.
#pragma once

#include <coroutine>
#include <functional>
#include <optional>
#include <utility>

#include "barnabas/result.h"

namespace barnabas::kafka {

template <class T>
class [[nodiscard]] awaitable {
 public:
  using callback = std::function<void(result<T>)>;
  using starter = std::function<void(callback)>;

  explicit awaitable(starter start) : start_(std::move(start)) {}

  void then(callback told) && { start_(std::move(told)); }
  // How a coroutine goes on: post(handle) is called on the I/O thread and resumes it elsewhere.
  awaitable resume_by(std::function<void(std::coroutine_handle<>)> post) && {
    post_ = std::move(post);
    return std::move(*this);
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    const auto start = std::move(start_);  // this may be gone before it returns
    start([this, waiter](result<T> answer) {
      answer_.emplace(std::move(answer));
      if (post_) {
        post_(waiter);
      } else {
        waiter.resume();
      }
    });
  }
  result<T> await_resume() { return std::move(*answer_); }

 private:
  starter start_;
  std::function<void(std::coroutine_handle<>)> post_;
  std::optional<result<T>> answer_;
};

}  // namespace barnabas::kafka
