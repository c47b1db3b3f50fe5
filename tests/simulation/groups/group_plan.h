// What happens in one trial of groups, drawn from its seed before anything runs. A value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan.h"

namespace barnabas::trial {

// The versions that clients of one age speak.
struct group_versions {
  std::int16_t join = 0;
  std::int16_t sync = 0;
  std::int16_t heartbeat = 0;
  std::int16_t leave = 0;
  std::int16_t commit = 0;
  std::int16_t fetch = 0;
};

struct member_plan {
  int number = 0;
  int group = 0;
  bool is_static = false;
  group_versions versions;
  std::int32_t session_timeout_ms = 0;
  std::int32_t rebalance_timeout_ms = 0;
  runtime::duration pause{};  // at most, between two heartbeats
  double commit_chance = 0;   // at each heartbeat
  double leave_chance = 0;
};

struct group_plan : broker_plan {
  int groups = 1;
  int partitions = 1;  // of the topic that all groups read
  int client_machines = 1;
  bool has_member_crashes = false;
  std::vector<member_plan> members;
};

group_plan make_group_plan(std::uint64_t seed);
std::string to_text(const group_plan& plan);

}  // namespace barnabas::trial
