#include "client/assignor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "client/assignor_parts.h"

namespace barnabas::client {
namespace {

constexpr assignor all_assignors[] = {
    {"range", false, ownership_place::subscription, assign_range},
    {"roundrobin", false, ownership_place::subscription, assign_round_robin},
    {"sticky", false, ownership_place::sticky_user_data, assign_sticky},
    {"cooperative-sticky", true, ownership_place::subscription, assign_cooperatively}};

}  // namespace

std::span<const assignor> assignors() {
  return all_assignors;
}

const assignor* find_assignor(std::string_view name) {
  const auto* const found = std::ranges::find(all_assignors, name, &assignor::name);
  return found == std::end(all_assignors) ? nullptr : found;
}

// Partitions of all topics go round; a member that does not read a topic is passed over.
group_assignment assign_round_robin(const member_subscriptions& members,
                                    const group_topics& topics) {
  group_assignment assigned = nothing_for(members);
  const auto ordered = in_order(members);
  std::size_t turn = 0;
  for (const auto& [topic, racks] : topics) {
    if (std::ranges::none_of(members,
                             [&](const auto& each) { return is_subscribed(each, topic); })) {
      continue;
    }
    for (std::int32_t partition = 0; std::cmp_less(partition, racks.size()); ++partition) {
      while (!is_subscribed(*ordered[turn % ordered.size()], topic)) {
        ++turn;
      }
      assigned[ordered[turn++ % ordered.size()]->member_id].push_back({topic, partition});
    }
  }
  return assigned;
}

// What one member gives and another gets is first taken from the one: its new owner gets it when
// all have joined again.
group_assignment assign_cooperatively(const member_subscriptions& members,
                                      const group_topics& topics) {
  group_assignment assigned = assign_sticky(members, topics);
  std::map<topic_partition, std::set<std::string>> owners;
  for (const member_subscription& member : members) {
    for (const topic_partition& each : member.owned) {
      owners[each].insert(member.member_id);
    }
  }
  for (auto& [member, partitions] : assigned) {
    std::erase_if(partitions, [&](const topic_partition& each) {
      const auto claimed = owners.find(each);
      return claimed != owners.end() && !claimed->second.contains(member);
    });
  }
  return assigned;
}

}  // namespace barnabas::client
