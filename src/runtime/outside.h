// What threads that are no shards (those of a program that uses the client library) share with
// shards: a lock for a few instructions, a gate to wait at, a doorbell, and ways to start work on a
// shard. A simulation has no such threads: there the same code runs on a shard and never waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <exception>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/wait.h"

namespace barnabas::runtime {

// Monotonic time for any thread: the shard's on a shard, else the system's.
steady_time now_anywhere();

// Held for a few instructions, never across a co_await.
class lock {
 private:
  friend class lock_holder;
  std::mutex mutex_;
};
class [[nodiscard]] lock_holder {
 public:
  explicit lock_holder(lock& held) : holder_(held.mutex_) {}
  void release() { holder_.unlock(); }
  void acquire() { holder_.lock(); }

 private:
  friend class gate;
  std::unique_lock<std::mutex> holder_;
};

// Where threads outside wait for a change of what a lock guards. Never waited at on a shard.
class gate {
 public:
  void notify_all() { changed_.notify_all(); }
  // False when the deadline came first. As with `condition`, test in a loop.
  bool wait_until(lock_holder& holder, steady_time deadline);

 private:
  std::condition_variable changed_;
};

// Rung by any thread, heard on its shard; rings that come before the shard has heard count as one.
// Before it goes, nobody rings any more and close() has ended.
class doorbell {
 public:
  explicit doorbell(shard& home);
  doorbell(const doorbell&) = delete;
  doorbell& operator=(const doorbell&) = delete;
  ~doorbell();

  void ring();
  // On the shard: notified after each ring.
  condition& rung() { return rung_; }
  task<> close();

 private:
  struct echo;
  static echo answer(doorbell& bell);

  shard& home_;
  condition rung_;
  std::atomic<bool> is_ringing_ = false;
  std::coroutine_handle<> answering_;
};

namespace detail {

// Runs once on the shard that it is posted to, and frees itself.
struct detached {
  struct promise_type {
    detached get_return_object() noexcept {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<> handle;
};

template <class F>
detached run_detached(F f) {
  co_await f();
}

template <class T>
struct answer_slot {
  lock guard;
  gate answered;
  std::optional<T> value;
  std::exception_ptr exception;
};

template <class F, class T>
task<> answer_into(F& f, answer_slot<T>& slot) {
  std::optional<T> value;
  std::exception_ptr exception;
  try {
    value.emplace(co_await f());
  } catch (...) {
    exception = std::current_exception();
  }
  const lock_holder holder(slot.guard);
  slot.value = std::move(value);
  slot.exception = exception;
  slot.answered.notify_all();
}

}  // namespace detail

// Starts the task that f() makes on the shard, soon; nobody waits for it. From any thread.
template <class F>
void start_on(shard& home, F f) {
  home.post(detail::run_detached(std::move(f)).handle);
}

// Runs the task that f() makes on the shard and waits for its value, which is not void. From a
// thread that is no shard.
template <class F>
auto wait_for(shard& home, F f) -> typename std::invoke_result_t<F>::value_type {
  detail::answer_slot<typename std::invoke_result_t<F>::value_type> slot;
  start_on(home, [&f, &slot] { return detail::answer_into(f, slot); });
  lock_holder holder(slot.guard);
  while (!slot.value && !slot.exception) {
    slot.answered.wait_until(holder, no_deadline);
  }
  if (slot.exception) {
    std::rethrow_exception(slot.exception);
  }
  return std::move(*slot.value);
}

}  // namespace barnabas::runtime
