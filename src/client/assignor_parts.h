// What the assignors (assignor.h) share: the order of members, and when racks count (KIP-881).
// Pure.
#pragma once

#include "client/assignor.h"

namespace barnabas::client {

// Static members first, by their instances; so that an assignment outlives their restarts.
std::vector<const member_subscription*> in_order(const member_subscriptions& members);
bool is_subscribed(const member_subscription& member, const std::string& topic);
group_assignment nothing_for(const member_subscriptions& members);

// Gathers who reads what, and says whether the racks of some may make a difference: one of the
// members stands where a replica does, and not every partition has replicas everywhere.
class rack_survey {
 public:
  void add(const member_subscription& member);
  void add(const std::vector<rack_set>& partitions);
  bool matters() const;

 private:
  rack_set of_members_;
  rack_set of_replicas_;
  std::vector<const std::vector<rack_set>*> topics_;
};
// A member that has said no rack is close to everything.
inline bool is_close(const member_subscription& member, const rack_set& replicas) {
  return member.rack.empty() || replicas.contains(member.rack);
}

}  // namespace barnabas::client
