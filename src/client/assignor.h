// Who in a group reads which partitions, as the leader of a group of the classic protocol computes
// it: the four strategies of Apache Kafka under its names. Pure: the same input gives the same
// answer. Each partition that exists and is subscribed to goes to exactly one member that
// subscribes to its topic, but for those that `cooperative-sticky` holds back for one round until
// their owner has let go of them (KIP-429).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/topic_partition.h"

namespace barnabas::client {

struct member_subscription {
  std::string member_id;
  std::string instance_id;          // empty: no static member (KIP-345)
  std::vector<std::string> topics;  // in any order
  // What it reads by its own word, and since which generation; of the sticky strategies.
  std::vector<topic_partition> owned;
  std::int32_t generation = -1;
};
using member_subscriptions = std::vector<member_subscription>;

using partition_counts = std::map<std::string, std::int32_t>;  // of topics that exist
// Every member has an entry. Partitions stand in the order of their names.
using group_assignment = std::map<std::string, std::vector<topic_partition>>;

group_assignment assign_range(const member_subscriptions& members, const partition_counts& topics);
group_assignment assign_round_robin(const member_subscriptions& members,
                                    const partition_counts& topics);
// Balanced as far as subscriptions allow, and then with as few moves as possible.
group_assignment assign_sticky(const member_subscriptions& members, const partition_counts& topics);
group_assignment assign_cooperatively(const member_subscriptions& members,
                                      const partition_counts& topics);

// Where a member writes what it owns.
enum class ownership_place : std::uint8_t { subscription, sticky_user_data };

struct assignor {
  std::string_view name;
  // Members keep what they own while they join.
  bool is_cooperative;
  ownership_place owned_in;
  group_assignment (*assign)(const member_subscriptions&, const partition_counts&);
};
std::span<const assignor> assignors();
// Null for an unknown name.
const assignor* find_assignor(std::string_view name);

}  // namespace barnabas::client
