#include "client/assignor_parts.h"

#include <algorithm>

namespace barnabas::client {

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

void rack_survey::add(const member_subscription& member) {
  if (!member.rack.empty()) {
    of_members_.insert(member.rack);
  }
}

void rack_survey::add(const std::vector<rack_set>& partitions) {
  topics_.push_back(&partitions);
  for (const rack_set& each : partitions) {
    of_replicas_.insert(each.begin(), each.end());
  }
}

bool rack_survey::matters() const {
  const bool meet = std::ranges::any_of(
      of_members_, [this](const std::string& rack) { return of_replicas_.contains(rack); });
  return meet && std::ranges::any_of(topics_, [this](const auto* partitions) {
           return std::ranges::any_of(
               *partitions, [this](const rack_set& each) { return each != of_replicas_; });
         });
}

}  // namespace barnabas::client
