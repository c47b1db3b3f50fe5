// One trial: a broker and its clients in a simulated world, disturbed as its plan says, healed,
// restarted, read back and compared with what the clients were told. The same seed takes the same
// steps.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace barnabas::trial {

struct outcome {
  std::vector<std::string> failures;  // "invariant: what was seen"
  std::uint64_t hash = 0;             // of everything that happened
  // What happened how often, for the line at the end.
  std::vector<std::pair<std::string, std::int64_t>> counts;
};

class troubled_broker;
void add_counts(outcome& to, troubled_broker& from);

// `tells`: prints what is done to the broker, and the broker's log, to standard error.
outcome run_trial(std::uint64_t seed, bool tells);

}  // namespace barnabas::trial
