// One trial: a broker and its clients in a simulated world, disturbed as its plan says, healed,
// restarted, read back and compared with what the clients were told. The same seed takes the same
// steps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace barnabas::trial {

struct outcome {
  std::vector<std::string> failures;  // "invariant: what was seen"
  std::uint64_t hash = 0;             // of everything that happened
  std::int64_t acknowledged_records = 0;
  std::int64_t seen_records = 0;
  int process_kills = 0;
  int power_losses = 0;
  int disk_faults = 0;
  std::uint64_t steps = 0;
};

// `tells`: prints what is done to the broker, and the broker's log, to standard error.
outcome run_trial(std::uint64_t seed, bool tells);

}  // namespace barnabas::trial
