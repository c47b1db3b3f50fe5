// What all parts of one simulation share: virtual time, the events to come, the one source of
// chance, and the hash of all that happened.
#pragma once

#include "runtime/simulated/detail/event_queue.h"
#include "runtime/simulated/options.h"
#include "runtime/simulated/random.h"

namespace barnabas::runtime::simulated::detail {

struct clockwork {
  clockwork(std::uint64_t seed, const simulation_options& chosen)
      : options(chosen), random(seed), events(random) {}

  simulation_options options;
  seeded_random random;
  event_queue events;
  steady_time now{std::chrono::hours(1)};
  std::uint64_t trace_hash = 0;
  std::uint64_t steps = 0;

  // What the code that runs at the moment, on a shard or a file thread, takes in addition; nullptr:
  // nobody counts.
  duration* spending = nullptr;

  void spend(duration time) {
    if (spending != nullptr) {
      *spending += time;
    }
  }
  duration draw(const time_range& range) { return random.between(range.least, range.most); }

  // Adds something that happened to the hash.
  void trace(std::uint64_t what, std::uint64_t detail = 0) {
    trace_hash ^= what * 0x9e3779b97f4a7c15 + detail;
    trace_hash = (trace_hash ^ static_cast<std::uint64_t>(now.time_since_epoch().count())) *
                 0xff51afd7ed558ccd;
    trace_hash ^= trace_hash >> 32;
  }

  // Happens outside every machine.
  void at(steady_time due, std::function<void()> action) {
    events.push({.due = due, .action = std::move(action)});
  }
};

}  // namespace barnabas::runtime::simulated::detail
