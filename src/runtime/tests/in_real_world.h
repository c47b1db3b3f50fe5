// Runs a coroutine as the main of a small real world.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "runtime/real_world.h"

namespace barnabas::runtime {

inline task<int> zero_after(task<> work) {
  co_await std::move(work);
  co_return 0;
}

// `make` makes the coroutine from the world; it is a plain function or a lambda that calls one.
inline void in_real_world(int shards, const std::function<task<>(real_world&)>& make) {
  real_world world({.shards = shards, .file_threads = 2, .pin_threads = false});
  EXPECT_EQ(world.run(zero_after(make(world))), 0);
}

}  // namespace barnabas::runtime
