#include "runtime/outside.h"

#include <chrono>

#include "base/ensure.h"

namespace barnabas::runtime {
namespace {

struct shard_of_thread : shard {
  static shard* get() { return current_or_null(); }
};

}  // namespace

steady_time now_anywhere() {
  if (shard* const here = shard_of_thread::get()) {
    return here->now();
  }
  return steady_time(std::chrono::steady_clock::now().time_since_epoch());
}

bool gate::wait_until(lock_holder& holder, steady_time deadline) {
  ensure(shard_of_thread::get() == nullptr, "a shard does not wait at a gate");
  if (deadline == no_deadline) {
    changed_.wait(holder.holder_);
    return true;
  }
  const std::chrono::steady_clock::time_point until(deadline.time_since_epoch());
  return changed_.wait_until(holder.holder_, until) == std::cv_status::no_timeout;
}

struct doorbell::echo {
  struct promise_type {
    echo get_return_object() noexcept {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<> handle;
};

doorbell::echo doorbell::answer(doorbell& bell) {
  for (;;) {
    bell.is_ringing_.store(false);
    bell.rung_.notify_all();
    co_await std::suspend_always{};
  }
}

doorbell::doorbell(shard& home) : home_(home), answering_(answer(*this).handle) {}

doorbell::~doorbell() {
  answering_.destroy();
}

void doorbell::ring() {
  if (!is_ringing_.exchange(true)) {
    home_.post(answering_);
  }
}

task<> doorbell::close() {
  while (is_ringing_.load()) {
    co_await yield();
  }
}

}  // namespace barnabas::runtime
