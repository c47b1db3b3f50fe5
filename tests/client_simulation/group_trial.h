// One trial: a broker, a producer, and members of a group of the client library in a simulated
// world. While records are produced the broker and members are killed, stopped for a while, cut off
// and come back, and connections are reset, as the seed says; then all is healed.
//
//   one_owner             records of a partition are given in the order of the group's generations,
//                         and in one generation to one member, which was told that it owns it
//   commits_never_go_back
//   at_least_once         each delivered record was processed, whoever was killed while he did it
//   each_rebalance_ends   at the end each partition has an owner, everything is committed, and
//                         nobody joins again
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace barnabas::trial {

struct group_outcome {
  std::vector<std::string> failures;  // "invariant: what was seen"
  int processed = 0;                  // repetitions included
  int assignments = 0;
  int losses = 0;
  std::uint64_t hash = 0;
};

group_outcome run_group_trial(std::uint64_t seed);

}  // namespace barnabas::trial
