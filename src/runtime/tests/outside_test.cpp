#include "runtime/outside.h"

#include <gtest/gtest.h>

#include <thread>

#include "runtime/background_world.h"

namespace barnabas::runtime {
namespace {

task<int> index_of_here() {
  co_return shard::current().index() + 42;
}

TEST(outside, a_thread_waits_for_the_value_of_a_task) {
  background_world world("test");
  EXPECT_EQ(wait_for(world.home(), [] { return index_of_here(); }), 42);
  EXPECT_FALSE(world.is_here());
}

struct counter {
  lock guard;
  gate changed;
  int given = 0;
  int taken = 0;
  doorbell bell;

  explicit counter(shard& home) : bell(home) {}
};

task<bool> take_all(counter& it, int most) {
  for (;;) {
    {
      const lock_holder holder(it.guard);
      it.taken = it.given;
      it.changed.notify_all();
      if (it.taken == most) {
        break;
      }
    }
    if (!co_await it.bell.rung().wait_until(shard::current().now() + std::chrono::seconds(20))) {
      co_return false;
    }
  }
  co_await it.bell.close();
  co_return true;
}

TEST(outside, no_ring_is_lost) {
  constexpr int threads = 4;
  constexpr int rings = 5000;
  background_world world("test");
  counter it(world.home());
  std::vector<std::thread> ringing;
  for (int i = 0; i < threads; ++i) {
    ringing.emplace_back([&it] {
      for (int n = 0; n < rings; ++n) {
        {
          const lock_holder holder(it.guard);
          ++it.given;
        }
        it.bell.ring();
      }
    });
  }
  EXPECT_TRUE(wait_for(world.home(), [&it] { return take_all(it, threads * rings); }));
  for (std::thread& each : ringing) {
    each.join();
  }
  EXPECT_TRUE(wait_for(world.home(), [&it] { return take_all(it, threads * rings); }));
}

}  // namespace
}  // namespace barnabas::runtime
