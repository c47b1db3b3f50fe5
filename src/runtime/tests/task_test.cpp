#include "runtime/task.h"

#include <stdexcept>

#include "runtime/task_group.h"
#include "runtime/tests/in_real_world.h"
#include "runtime/wait.h"

namespace barnabas::runtime {
namespace {

task<int> number(int value) {
  co_return value;
}

task<std::unique_ptr<int>> boxed(int value) {
  co_return std::make_unique<int>(value);
}

task<int> throwing() {
  throw std::runtime_error("thrown");
  co_return 0;
}

task<> values_and_exceptions(real_world&) {
  EXPECT_EQ(co_await number(7), 7);
  EXPECT_EQ(*co_await boxed(8), 8);
  bool was_caught = false;
  try {
    co_await throwing();
  } catch (const std::runtime_error& thrown) {
    was_caught = std::string(thrown.what()) == "thrown";
  }
  EXPECT_TRUE(was_caught);
}

TEST(task, carries_values_move_only_values_and_exceptions) {
  in_real_world(1, values_and_exceptions);
}

task<> many_in_a_row(real_world&) {
  std::int64_t sum = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    sum += co_await number(1);
  }
  EXPECT_EQ(sum, 1'000'000);
}

TEST(task, a_million_that_complete_at_once_need_no_stack) {
  in_real_world(1, many_in_a_row);
}

// Each task ends when the one that it awaits has ended: the last end runs through all of them.
task<int> chain(int depth, condition& start) {
  if (depth == 0) {
    co_await start.wait_until(no_deadline);
    co_return 0;
  }
  co_return 1 + co_await chain(depth - 1, start);
}

task<> notify(condition& start) {
  co_await yield();
  start.notify_all();
}

task<> deep_chain(real_world&) {
  condition start;
  task_group group("test");
  group.spawn(notify(start));
  EXPECT_EQ(co_await chain(100'000, start), 100'000);
  co_await group.join();
}

TEST(task, a_deep_chain_ends_without_a_stack) {
  in_real_world(1, deep_chain);
}

struct counted {
  explicit counted(int& alive) : alive_(&alive) { ++*alive_; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { --*alive_; }
  int* alive_;
};

task<> hold(int& alive, condition& never) {
  const counted one(alive);
  co_await never.wait_until(no_deadline);
}

task<> hold_two(int& alive, condition& never) {
  const counted one(alive);
  co_await hold(alive, never);
}

task<> destroyed_group(real_world&) {
  int alive = 0;
  condition never;
  {
    task_group group("test");
    group.spawn(hold_two(alive, never));
    EXPECT_EQ(alive, 2);
    EXPECT_TRUE(never.has_waiters());
  }
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(never.has_waiters());
  co_return;
}

TEST(task, destroying_the_owner_destroys_all_that_it_awaits) {
  in_real_world(1, destroyed_group);
}

}  // namespace
}  // namespace barnabas::runtime
