#include "client/assignor.h"

#include <algorithm>
#include <set>

namespace barnabas::client {
namespace {

constexpr assignor all_assignors[] = {
    {"range", false, ownership_place::subscription, assign_range},
    {"roundrobin", false, ownership_place::subscription, assign_round_robin},
    {"sticky", false, ownership_place::sticky_user_data, assign_sticky},
    {"cooperative-sticky", true, ownership_place::subscription, assign_cooperatively}};

// Static members first, by their instances; so that an assignment outlives their restarts.
std::vector<const member_subscription*> in_order(const member_subscriptions& members) {
  std::vector<const member_subscription*> ordered;
  for (const member_subscription& each : members) {
    ordered.push_back(&each);
  }
  std::ranges::sort(ordered, [](const member_subscription* a, const member_subscription* b) {
    if (a->instance_id.empty() != b->instance_id.empty()) {
      return b->instance_id.empty();
    }
    return a->instance_id.empty() ? a->member_id < b->member_id : a->instance_id < b->instance_id;
  });
  return ordered;
}

bool is_subscribed(const member_subscription& member, const std::string& topic) {
  return std::ranges::find(member.topics, topic) != member.topics.end();
}

group_assignment nothing_for(const member_subscriptions& members) {
  group_assignment empty;
  for (const member_subscription& each : members) {
    empty[each.member_id];
  }
  return empty;
}

}  // namespace

std::span<const assignor> assignors() {
  return all_assignors;
}

const assignor* find_assignor(std::string_view name) {
  const auto* const found = std::ranges::find(all_assignors, name, &assignor::name);
  return found == std::end(all_assignors) ? nullptr : found;
}

// Of each topic its members get neighbouring partitions, the first ones one more where it does not
// come out even.
group_assignment assign_range(const member_subscriptions& members, const partition_counts& topics) {
  group_assignment assigned = nothing_for(members);
  const auto ordered = in_order(members);
  for (const auto& [topic, count] : topics) {
    std::vector<const member_subscription*> readers;
    std::ranges::copy_if(ordered, std::back_inserter(readers),
                         [&](const auto* member) { return is_subscribed(*member, topic); });
    const auto total = static_cast<std::int32_t>(readers.size());
    std::int32_t next = 0;
    for (std::int32_t i = 0; i < total; ++i) {
      const std::int32_t share = count / total + (i < count % total ? 1 : 0);
      for (const std::int32_t end = next + share; next < end; ++next) {
        assigned[readers[static_cast<std::size_t>(i)]->member_id].push_back({topic, next});
      }
    }
  }
  return assigned;
}

// Partitions of all topics go round; a member that does not read a topic is passed over.
group_assignment assign_round_robin(const member_subscriptions& members,
                                    const partition_counts& topics) {
  group_assignment assigned = nothing_for(members);
  const auto ordered = in_order(members);
  std::size_t turn = 0;
  for (const auto& [topic, count] : topics) {
    if (std::ranges::none_of(members,
                             [&](const auto& each) { return is_subscribed(each, topic); })) {
      continue;
    }
    for (std::int32_t partition = 0; partition < count; ++partition) {
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
                                      const partition_counts& topics) {
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
