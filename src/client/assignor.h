// Who in a group reads which partitions, as the leader of a group of the classic protocol computes
// it: the four strategies of Apache Kafka under its names. Pure: the same input gives the same
// answer. All but `roundrobin` prefer members in a rack where a partition has a replica (KIP-881),
// as far as that leaves the balance as it is. Each partition that exists and is subscribed to goes
// to exactly one member that subscribes to its topic, but for those that `cooperative-sticky` holds
// back for one round until their owner has let go of them (KIP-429).
#pragma once

#include <cstdint>
#include <map>
#include <set>
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
  std::string rack = {};  // empty: it has said none
};
using member_subscriptions = std::vector<member_subscription>;

// Where replicas of a partition stand; of brokers that say no rack there is none.
using rack_set = std::set<std::string, std::less<>>;
// Topics that exist, with the racks of each of their partitions.
using group_topics = std::map<std::string, std::vector<rack_set>>;
// Every member has an entry. Partitions stand in the order of their names.
using group_assignment = std::map<std::string, std::vector<topic_partition>>;

group_assignment assign_range(const member_subscriptions& members, const group_topics& topics);
group_assignment assign_round_robin(const member_subscriptions& members,
                                    const group_topics& topics);
// Balanced as far as subscriptions allow, and then with as few moves as possible.
group_assignment assign_sticky(const member_subscriptions& members, const group_topics& topics);
group_assignment assign_cooperatively(const member_subscriptions& members,
                                      const group_topics& topics);

// Where a member writes what it owns.
enum class ownership_place : std::uint8_t { subscription, sticky_user_data };

struct assignor {
  std::string_view name;
  // Members keep what they own while they join.
  bool is_cooperative;
  ownership_place owned_in;
  group_assignment (*assign)(const member_subscriptions&, const group_topics&);
};
std::span<const assignor> assignors();
// Null for an unknown name.
const assignor* find_assignor(std::string_view name);

}  // namespace barnabas::client
