#include "runtime/wait.h"

#include <random>

#include "runtime/task_group.h"
#include "runtime/tests/in_real_world.h"
#include "runtime/timer_queue.h"

namespace barnabas::runtime {
namespace {

using std::chrono::milliseconds;

struct plain_timer final : timer {
  void fired() override {}
};

TEST(timer_queue, gives_timers_in_order_whatever_is_taken_out) {
  std::mt19937 random(7);
  timer_queue queue;
  std::vector<plain_timer> timers(500);
  std::vector<std::int64_t> due(timers.size(), -1);
  for (int i = 0; i < 5000; ++i) {
    const std::size_t which = random() % timers.size();
    if (random() % 3 == 0 && timers[which].is_armed()) {
      queue.remove(timers[which]);
      due[which] = -1;
    } else {
      due[which] = static_cast<std::int64_t>(random() % 1000);
      queue.add(timers[which], steady_time(duration(due[which])));
    }
  }
  std::int64_t last = 0;
  std::size_t armed = queue.size();
  EXPECT_EQ(armed,
            static_cast<std::size_t>(std::ranges::count_if(due, [](auto d) { return d >= 0; })));
  while (timer* next = queue.take_due(no_deadline)) {
    const std::int64_t at =
        due[static_cast<std::size_t>(static_cast<plain_timer*>(next) - timers.data())];
    EXPECT_GE(at, last);
    EXPECT_FALSE(next->is_armed());
    last = at;
    --armed;
  }
  EXPECT_EQ(armed, 0u);
}

TEST(timer_queue, a_timer_that_goes_takes_itself_out) {
  timer_queue queue;
  {
    plain_timer one;
    queue.add(one, steady_time(duration(1)));
  }
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_EQ(queue.earliest(), no_deadline);
}

task<> sleep_and_note(milliseconds time, std::vector<milliseconds>& order) {
  co_await sleep_for(time);
  order.push_back(time);
}

task<> sleep_in_order(real_world&) {
  std::vector<milliseconds> order;
  task_group group("test");
  for (const int ms : {15, 5, 25, 10, 20}) {
    group.spawn(sleep_and_note(milliseconds(ms), order));
  }
  const auto before = shard::current().now();
  co_await group.join();
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(order.size(), 5u);
  EXPECT_GE(shard::current().now() - before, milliseconds(25));
  EXPECT_LT(shard::current().now() - before, std::chrono::seconds(10));
  co_await sleep_for(duration(-1));
  co_await sleep_until(steady_time{});
}

TEST(sleep, wakes_in_order_of_time) {
  in_real_world(1, sleep_in_order);
}

task<> destroy_sleeper(real_world&) {
  {
    task_group group("test");
    std::vector<milliseconds> order;
    group.spawn(sleep_and_note(milliseconds(1), order));
  }
  co_await sleep_for(milliseconds(5));
}

TEST(sleep, a_sleeper_may_be_destroyed) {
  in_real_world(1, destroy_sleeper);
}

task<> wait_and_count(condition& changed, steady_time deadline, int& notified, int& late) {
  ++(co_await changed.wait_until(deadline) ? notified : late);
}

task<> deadlines_and_notices(real_world&) {
  condition changed;
  int notified = 0;
  int late = 0;
  task_group group("test");
  const auto now = shard::current().now();
  group.spawn(wait_and_count(changed, now + milliseconds(2), notified, late));
  group.spawn(wait_and_count(changed, now + milliseconds(4), notified, late));
  group.spawn(wait_and_count(changed, now + std::chrono::hours(1), notified, late));
  group.spawn(wait_and_count(changed, no_deadline, notified, late));
  co_await sleep_for(milliseconds(20));
  EXPECT_EQ(late, 2);
  EXPECT_EQ(notified, 0);
  changed.notify_all();
  EXPECT_EQ(notified, 0) << "never inside notify_all";
  co_await group.join();
  EXPECT_EQ(notified, 2);
  changed.notify_all();
  EXPECT_FALSE(changed.has_waiters());
}

TEST(condition, wakes_by_notice_or_by_deadline) {
  in_real_world(1, deadlines_and_notices);
}

task<> until_stopped(task_group& group, int& ended) {
  while (!group.is_stopping()) {
    co_await group.stopped().wait_until(no_deadline);
  }
  ++ended;
}

task<> throw_soon() {
  co_await yield();
  throw std::runtime_error("a test throws");
}

task<> stop_and_join(real_world&) {
  task_group group("test");
  int ended = 0;
  group.spawn(until_stopped(group, ended));
  group.spawn(until_stopped(group, ended));
  group.spawn(throw_soon());
  EXPECT_EQ(group.size(), 3u);
  co_await yield();
  EXPECT_EQ(group.size(), 2u);
  group.stop();
  EXPECT_FALSE(group.spawn(until_stopped(group, ended)));
  co_await group.join();
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(group.size(), 0u);
  co_await group.join();
}

TEST(task_group, stops_and_joins_and_survives_exceptions) {
  in_real_world(1, stop_and_join);
}

}  // namespace
}  // namespace barnabas::runtime
