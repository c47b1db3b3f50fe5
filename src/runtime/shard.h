// A shard: one event loop, on one pinned thread in the real world, on the simulation's single
// thread in the other. Connections, partitions and coroutines live on one shard and are touched
// only there; post() is the one call that another thread may make. Shards are made by the world
// (runtime/world.h) and outlive everything that runs on them.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/task.h"
#include "runtime/time.h"

namespace barnabas::runtime {

// Something that happens once at a time. Lives in its owner (a coroutine frame, usually);
// destroying it while it is armed takes it out. Only its own shard touches it.
class timer {
 public:
  timer() = default;
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;
  virtual ~timer();
  virtual void fired() = 0;
  bool is_armed() const { return owner_ != nullptr; }

 private:
  friend class timer_queue;
  class timer_queue* owner_ = nullptr;
  steady_time due_{};
  std::size_t position_ = 0;  // in its queue's heap
};

// Work for a file thread; lives in the coroutine frame that waits for it.
class blocking_work {
 public:
  virtual ~blocking_work() = default;
  virtual void run() noexcept = 0;       // on the file thread
  virtual void finished() noexcept = 0;  // on the shard, afterwards
};

class shard {
 public:
  virtual ~shard() = default;

  // 0 to shard_count - 1.
  int index() const { return index_; }
  // The shard whose loop runs the calling code; there must be one.
  static shard& current();

  // Resumes the coroutine on this shard, soon, in the order of posting from one thread. Any thread
  // may call it.
  virtual void post(std::coroutine_handle<> coroutine) = 0;
  // Runs work on one of the world's few file threads, then finished() here.
  virtual void run_blocking(blocking_work& work) = 0;

  virtual steady_time now() const = 0;
  // Milliseconds since 1970 UTC; may jump.
  virtual std::int64_t wall_clock_ms() const = 0;
  // 64 random bits: from the operating system's generator, or from the simulation's seed.
  virtual std::uint64_t random() = 0;

  virtual void arm(timer& timer, steady_time due) = 0;
  virtual void disarm(timer& timer) = 0;

 protected:
  explicit shard(int index) : index_(index) {}
  // Set by the loop around everything it runs.
  static void set_current(shard* shard);
  static shard* current_or_null();

 private:
  int index_;
};

namespace detail {

struct hop {
  shard& target;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) { target.post(self); }
  void await_resume() const noexcept {}
};

template <class F>
struct blocking_awaiter final : blocking_work {
  using value = std::invoke_result_t<F>;
  F function;
  std::optional<value> outcome;
  std::exception_ptr exception;
  std::coroutine_handle<> waiter;

  explicit blocking_awaiter(F f) : function(std::move(f)) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) {
    waiter = self;
    shard::current().run_blocking(*this);
  }
  value await_resume() {
    if (exception) {
      std::rethrow_exception(exception);
    }
    return std::move(*outcome);
  }
  void run() noexcept override {
    try {
      outcome.emplace(function());
    } catch (...) {
      exception = std::current_exception();
    }
  }
  void finished() noexcept override { waiter.resume(); }
};

}  // namespace detail

// Lets everything else that is ready run first.
inline auto yield() {
  return detail::hop{shard::current()};
}

// The calling coroutine goes on on `target` and does not come back by itself: for what lives on one
// shard at a time and moves, with all that it touches.
inline auto move_to(shard& target) {
  return detail::hop{target};
}

// co_await on_shard(owner, f): runs the task that f() makes on `owner` and brings its value back to
// the calling shard. f and its value cross threads: values and immutable bytes only. Does not leave
// the shard when it is `owner` already.
template <class F>
auto on_shard(shard& owner, F f) -> std::invoke_result_t<F> {
  shard& home = shard::current();
  if (&home == &owner) {
    co_return co_await f();
  }
  using value = typename std::invoke_result_t<F>::value_type;
  std::exception_ptr exception;
  co_await detail::hop{owner};
  if constexpr (std::is_void_v<value>) {
    try {
      co_await f();
    } catch (...) {
      exception = std::current_exception();
    }
    co_await detail::hop{home};
    if (exception) {
      std::rethrow_exception(exception);
    }
  } else {
    std::optional<value> outcome;
    try {
      outcome.emplace(co_await f());
    } catch (...) {
      exception = std::current_exception();
    }
    co_await detail::hop{home};
    if (exception) {
      std::rethrow_exception(exception);
    }
    co_return std::move(*outcome);
  }
}

// co_await blocking(f): runs f, which may block on the disk, on a file thread and returns its
// value, which is not void, to the calling shard. f touches nothing that the shard touches
// meanwhile. A task that waits for it must not be destroyed before it ends (a simulated crash
// excepted).
template <std::invocable F>
auto blocking(F f) {
  return detail::blocking_awaiter<F>(std::move(f));
}

}  // namespace barnabas::runtime
