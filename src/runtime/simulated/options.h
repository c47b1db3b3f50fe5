// How a simulated world behaves when nothing is broken on purpose. Ranges are drawn from evenly, by
// the seed.
#pragma once

#include <cstddef>

#include "runtime/time.h"

namespace barnabas::runtime::simulated {

struct time_range {
  duration least{};
  duration most{};
};

struct simulation_options {
  // What a shard takes for one step: from one resumption to the next wait.
  time_range step{std::chrono::nanoseconds(100), std::chrono::microseconds(1)};
  // From one shard to another of the same machine.
  time_range post{std::chrono::microseconds(1), std::chrono::microseconds(5)};
  // How late a timer fires.
  time_range timer_lateness{duration(0), std::chrono::microseconds(50)};

  time_range network{std::chrono::microseconds(50), std::chrono::microseconds(500)};
  time_range loopback{std::chrono::microseconds(5), std::chrono::microseconds(20)};
  // What may be under way or unread in one direction of a connection before its writer waits.
  std::size_t window_bytes = 64 << 10;
  // For every piece of data that arrives, that its connection is reset instead.
  double reset_probability = 0;

  int file_threads = 4;
  time_range write{std::chrono::microseconds(1), std::chrono::microseconds(5)};
  time_range cold_read{std::chrono::microseconds(20), std::chrono::microseconds(200)};
  time_range sync{std::chrono::microseconds(100), std::chrono::milliseconds(2)};
  // That a read which must not wait finds its bytes outside the page cache.
  double cold_probability = 0.1;
  // That the hole which a power loss leaves in a file has other bytes than zeros.
  double garbage_probability = 0.1;

  // How far a machine's wall clock may be off, either way.
  duration clock_skew{};
};

}  // namespace barnabas::runtime::simulated
