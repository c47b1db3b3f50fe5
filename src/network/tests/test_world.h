// Runs a test on shard 0 of a world of two shards: the real one, then simulated ones of some seeds.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "base/log.h"
#include "runtime/real_world.h"
#include "runtime/simulated/simulation.h"

namespace barnabas::network {

inline runtime::task<int> zero_after(runtime::task<> work) {
  co_await std::move(work);
  co_return 0;
}

inline runtime::task<> note_end(runtime::task<> work, bool& has_ended) {
  co_await std::move(work);
  has_ended = true;
}

inline void with_real_world(const std::function<runtime::task<>(runtime::world&)>& test) {
  set_log_level(log_level::off);
  runtime::real_world world({.shards = 2, .file_threads = 1, .pin_threads = false});
  EXPECT_EQ(world.run(zero_after(test(world))), 0);
}

inline void with_simulated_world(const std::function<runtime::task<>(runtime::world&)>& test) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    bool has_ended = false;
    runtime::simulated::simulation simulation(seed);
    simulation.add_machine("one", 2).start(
        [&](runtime::world& world) { return note_end(test(world), has_ended); });
    EXPECT_TRUE(simulation.run_until([&] { return has_ended; }, std::chrono::minutes(10)));
  }
}

inline void with_world(const std::function<runtime::task<>(runtime::world&)>& test) {
  with_real_world(test);
  with_simulated_world(test);
}

}  // namespace barnabas::network
