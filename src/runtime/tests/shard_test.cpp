#include "runtime/shard.h"

#include <signal.h>
#include <time.h>

#include <thread>

#include "runtime/task_group.h"
#include "runtime/tests/in_real_world.h"

namespace barnabas::runtime {
namespace {

task<int> index_here() {
  co_return shard::current().index();
}

task<int> throw_here() {
  throw std::runtime_error("from afar");
  co_return 0;
}

task<> visit_shards(real_world& world) {
  for (int i = 0; i < world.shard_count(); ++i) {
    EXPECT_EQ(co_await on_shard(world.shard_at(i), index_here), i);
    EXPECT_EQ(shard::current().index(), 0);
  }
  bool was_caught = false;
  try {
    co_await on_shard(world.shard_at(1), throw_here);
  } catch (const std::runtime_error&) {
    was_caught = shard::current().index() == 0;
  }
  EXPECT_TRUE(was_caught);
}

TEST(shard, on_shard_runs_there_and_brings_back_values_and_exceptions) {
  in_real_world(3, visit_shards);
}

task<> add_one(int& counter) {
  ++counter;
  co_return;
}

task<> knock(shard& owner, int& counter, int times) {
  for (int i = 0; i < times; ++i) {
    co_await on_shard(owner, [&counter] { return add_one(counter); });
  }
}

task<> knock_from(shard& from, shard& owner, int& counter, int times) {
  co_await on_shard(from, [&] { return knock(owner, counter, times); });
}

task<> cross_traffic(real_world& world) {
  int counter = 0;  // touched on shard 0 only
  task_group group("test");
  for (int i = 0; i < 60; ++i) {
    group.spawn(knock_from(world.shard_at(i % 3), world.shard_at(0), counter, 300));
  }
  co_await group.join();
  EXPECT_EQ(counter, 60 * 300);
}

TEST(shard, many_tasks_hop_between_shards) {
  in_real_world(3, cross_traffic);
}

task<> block(real_world&) {
  const auto here = std::this_thread::get_id();
  const auto there = co_await blocking([] { return std::this_thread::get_id(); });
  EXPECT_NE(here, there);
  EXPECT_EQ(std::this_thread::get_id(), here);
  bool was_caught = false;
  try {
    co_await blocking([]() -> int { throw std::runtime_error("blocked"); });
  } catch (const std::runtime_error&) {
    was_caught = true;
  }
  EXPECT_TRUE(was_caught);
  std::vector<task<int>> many;
  for (int i = 0; i < 100; ++i) {
    many.push_back(
        [](int value) -> task<int> { co_return co_await blocking([value] { return value; }); }(i));
  }
  const auto values = co_await when_all(std::move(many));
  EXPECT_EQ(values.size(), 100u);
  EXPECT_EQ(values[57], 57);
}

TEST(shard, blocking_work_runs_on_a_file_thread) {
  in_real_world(2, block);
}

task<> append(std::vector<int>& order, int value) {
  co_await yield();
  order.push_back(value);
}

task<> in_order(real_world&) {
  std::vector<int> order;
  task_group group("test");
  for (int i = 0; i < 5; ++i) {
    group.spawn(append(order, i));
  }
  co_await group.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(shard, posts_run_in_order) {
  in_real_world(1, in_order);
}

task<> see_random_and_clocks(real_world&) {
  shard& here = shard::current();
  EXPECT_NE(here.random(), here.random());
  const auto before = here.now();
  co_await blocking([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    return 0;
  });
  EXPECT_GE(here.now() - before, std::chrono::milliseconds(3));
  EXPECT_NEAR(static_cast<double>(here.wall_clock_ms()), static_cast<double>(::time(nullptr)) * 1e3,
              5e3);
}

TEST(shard, clocks_go_on_and_random_differs) {
  in_real_world(1, see_random_and_clocks);
}

task<int> give_up() {
  throw std::runtime_error("main gave up");
  co_return 0;
}

TEST(real_world, run_throws_what_main_threw) {
  real_world world({.shards = 2, .pin_threads = false});
  EXPECT_THROW(world.run(give_up()), std::runtime_error);
}

struct outliving {
  condition never;
  std::unique_ptr<listener> listening;
  task_group group{"test"};  // goes first
};

task<> accept_for_ever(outliving& kept) {
  co_await kept.listening->accept(shard::current());
}

task<> wait_for_ever(outliving& kept) {
  co_await kept.never.wait_until(shard::current().now() + std::chrono::hours(1));
}

task<int> leave_tasks(real_world& world, outliving& kept) {
  kept.listening = world.sockets().listen({"127.0.0.1", 0}, 16).value();
  kept.group.spawn(accept_for_ever(kept));
  kept.group.spawn(wait_for_ever(kept));
  kept.group.spawn([]() -> task<> { co_await yield(); }());
  co_return 5;
}

TEST(real_world, tasks_that_main_left_are_destroyed_with_their_group) {
  real_world world({.shards = 2, .pin_threads = false});
  auto kept = std::make_unique<outliving>();
  EXPECT_EQ(world.run(leave_tasks(world, *kept)), 5);
  EXPECT_EQ(kept->group.size(), 3u);
}

task<int> await_signals(real_world& world) {
  auto first = world.next_signal({SIGUSR1, SIGUSR2});
  task_group group("test");
  int got = 0;
  group.spawn([](task<int> signal, int& got) -> task<> { got = co_await std::move(signal); }(
                                                 std::move(first), got));
  ::raise(SIGUSR2);
  co_await group.join();
  EXPECT_EQ(got, SIGUSR2);
  ::raise(SIGUSR1);
  co_return co_await world.next_signal({SIGUSR1});
}

TEST(real_world, gives_signals_to_main) {
  real_world world({.shards = 1, .pin_threads = false});
  EXPECT_EQ(world.run(await_signals(world)), SIGUSR1);
}

}  // namespace
}  // namespace barnabas::runtime
