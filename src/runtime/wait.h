// Waiting on one shard: sleeping, and a condition that others signal. Every wait has a deadline;
// no_deadline only where something else is sure to end it.
#pragma once

#include <coroutine>

#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/time.h"

namespace barnabas::runtime {

// Awaitable; returns at `when` or at once if it has passed.
task<> sleep_until(steady_time when);
task<> sleep_for(duration time);

// A place where coroutines of one shard wait until something changed. There is no memory: a notify
// with nobody waiting is lost, so test the condition in a loop around wait_until(). Waiters are
// resumed through the loop (post), never inside notify_all(). Destroying it while somebody waits is
// a mistake.
class condition {
 public:
  condition() = default;
  condition(const condition&) = delete;
  condition& operator=(const condition&) = delete;
  ~condition();

  void notify_all();
  bool has_waiters() const { return first_ != nullptr; }

  class awaiter;
  // False when the deadline came first.
  awaiter wait_until(steady_time deadline);

 private:
  awaiter* first_ = nullptr;
};

class condition::awaiter final : timer {
 public:
  awaiter(condition& owner, steady_time deadline) : condition_(&owner), deadline_(deadline) {}
  ~awaiter() override;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self);
  bool await_resume() const noexcept { return was_notified_; }

 private:
  friend class condition;
  void fired() override;
  void unlink();

  condition* condition_;
  steady_time deadline_;
  std::coroutine_handle<> waiter_;
  shard* shard_ = nullptr;
  awaiter* next_ = nullptr;
  awaiter* previous_ = nullptr;
  bool was_notified_ = false;
};

inline condition::awaiter condition::wait_until(steady_time deadline) {
  return {*this, deadline};
}

}  // namespace barnabas::runtime
