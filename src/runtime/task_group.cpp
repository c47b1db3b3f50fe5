#include "runtime/task_group.h"

#include <coroutine>
#include <exception>
#include <string_view>

#include "base/ensure.h"
#include "base/log.h"
#include "runtime/shard.h"

namespace barnabas::runtime {

// The promise of a coroutine that nobody awaits: it runs one task, and is that task's place in the
// group.
struct task_group::runner {
  struct coroutine {
    using promise_type = runner;
  };

  runner(task_group& owner, task<>&) : group(owner), next(owner.first_) {
    if (next != nullptr) {
      next->previous = this;
    }
    group.first_ = this;
    ++group.count_;
  }
  ~runner() {
    (previous != nullptr ? previous->next : group.first_) = next;
    if (next != nullptr) {
      next->previous = previous;
    }
    if (--group.count_ == 0) {
      group.emptied_.notify_all();
    }
  }

  static void* operator new(std::size_t size_bytes) { return detail::allocate_frame(size_bytes); }
  static void operator delete(void* frame, std::size_t size_bytes) {
    detail::free_frame(frame, size_bytes);
  }

  coroutine get_return_object() noexcept { return {}; }
  std::suspend_never initial_suspend() noexcept { return {}; }
  std::suspend_never final_suspend() noexcept { return {}; }
  void return_void() noexcept {}
  void unhandled_exception() noexcept { std::terminate(); }

  static coroutine run(task_group& owner, task<> work) {
    const shard* const home = &shard::current();
    try {
      co_await std::move(work);
    } catch (const std::exception& thrown) {
      report(owner, thrown.what());
    } catch (...) {
      report(owner, "not a std::exception");
    }
    ensure(&shard::current() == home, "a task ends on the shard of its group");
  }

  static void report(const task_group& owner, std::string_view what) {
    log(log_level::error, "runtime", "a task ended by an exception",
        {field("group", owner.name_), field("what", what)});
  }

  task_group& group;
  runner* next;
  runner* previous = nullptr;
};

task_group::~task_group() {
  is_stopping_ = true;
  while (first_ != nullptr) {
    std::coroutine_handle<runner>::from_promise(*first_).destroy();
  }
}

bool task_group::spawn(task<> work) {
  if (is_stopping_) {
    return false;
  }
  runner::run(*this, std::move(work));
  return true;
}

void task_group::stop() {
  is_stopping_ = true;
  stopped_.notify_all();
}

task<> task_group::join() {
  while (count_ > 0) {
    co_await emptied_.wait_until(no_deadline);
  }
}

}  // namespace barnabas::runtime
