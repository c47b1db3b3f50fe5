#include "runtime/wait.h"

#include "base/ensure.h"
#include "runtime/detail/world_end.h"

namespace barnabas::runtime {
namespace {

class sleep_awaiter final : timer {
 public:
  explicit sleep_awaiter(steady_time when) : when_(when) {}
  bool await_ready() const { return shard::current().now() >= when_; }
  void await_suspend(std::coroutine_handle<> self) {
    waiter_ = self;
    if (when_ != no_deadline) {
      shard::current().arm(*this, when_);
    }
  }
  void await_resume() const noexcept {}

 private:
  void fired() override { waiter_.resume(); }

  steady_time when_;
  std::coroutine_handle<> waiter_;
};

steady_time after(steady_time from, duration time) {
  return time > no_deadline - from ? no_deadline : from + time;
}

}  // namespace

task<> sleep_until(steady_time when) {
  co_await sleep_awaiter(when);
}

task<> sleep_for(duration time) {
  co_await sleep_awaiter(after(shard::current().now(), time));
}

condition::~condition() {
  ensure(first_ == nullptr || detail::is_world_ending(), "nobody waits on a condition that goes");
  while (first_ != nullptr) {
    first_->unlink();
  }
}

void condition::notify_all() {
  while (first_ != nullptr) {
    awaiter& woken = *first_;
    woken.unlink();
    if (woken.is_armed()) {
      woken.shard_->disarm(woken);
    }
    woken.was_notified_ = true;
    woken.shard_->post(woken.waiter_);
  }
}

condition::awaiter::~awaiter() {
  unlink();
}

void condition::awaiter::await_suspend(std::coroutine_handle<> self) {
  waiter_ = self;
  shard_ = &shard::current();
  next_ = condition_->first_;
  if (next_ != nullptr) {
    previous_ = next_->previous_;  // the first one knows the last
    next_->previous_ = this;
    previous_->next_ = this;
  } else {
    next_ = previous_ = this;
    condition_->first_ = this;
  }
  if (deadline_ != no_deadline) {
    shard_->arm(*this, deadline_);
  }
}

void condition::awaiter::fired() {
  unlink();
  waiter_.resume();
}

void condition::awaiter::unlink() {
  if (next_ == nullptr) {
    return;
  }
  if (condition_->first_ == this) {
    condition_->first_ = next_ == this ? nullptr : next_;
  }
  next_->previous_ = previous_;
  previous_->next_ = next_;
  next_ = previous_ = nullptr;
}

}  // namespace barnabas::runtime
