// Two clocks. steady_time measures waits and never goes back; timestamps are Kafka's: milliseconds
// since 1970 UTC. Both are read from the shard (runtime/shard.h), so that a simulation can own
// them.
#pragma once

#include <chrono>
#include <cstdint>

namespace barnabas::runtime {

using duration = std::chrono::nanoseconds;

struct steady_clock {  // no now(): only a shard knows the time
  using duration = runtime::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<steady_clock>;
  static constexpr bool is_steady = true;
};
using steady_time = steady_clock::time_point;

inline constexpr steady_time no_deadline = steady_time::max();

}  // namespace barnabas::runtime
