#include "group/group.h"

#include <algorithm>
#include <set>

#include "base/ensure.h"

namespace barnabas::group {

void group::move_to(group_state state, std::int64_t wall_ms) {
  state_ = state;
  state_wall_ms_ = wall_ms;
}

void group::begin_generation(std::int64_t wall_ms) {
  ++generation_;
  if (members_.empty()) {
    protocol_name_.reset();
    move_to(group_state::empty, wall_ms);
  } else {
    protocol_name_ = select_protocol();
    move_to(group_state::completing_rebalance, wall_ms);
  }
}

void group::restore(const written_state& written) {
  protocol_type_.reset();
  if (!written.protocol_type.empty()) {
    protocol_type_ = written.protocol_type;
  }
  protocol_name_ = written.protocol_name;
  leader_ = written.leader;
  generation_ = written.generation;
  move_to(written.has_members ? group_state::stable : group_state::empty, written.state_wall_ms);
}

member* group::find(std::string_view member_id) const {
  const auto found = members_.find(member_id);
  return found == members_.end() ? nullptr : found->second.get();
}

member* group::find_static(std::string_view instance_id) const {
  const auto found = static_members_.find(instance_id);
  return found == static_members_.end() ? nullptr : found->second;
}

member& group::add(std::unique_ptr<member> joining, std::string_view protocol_type) {
  if (members_.empty()) {
    protocol_type_ = protocol_type;
  }
  if (leader_.empty()) {
    leader_ = joining->id;
  }
  pending.erase(joining->id);
  count_votes(*joining, 1);
  if (joining->instance_id) {
    static_members_[*joining->instance_id] = joining.get();
  }
  member& added = *joining;
  members_[added.id] = std::move(joining);
  return added;
}

void group::remove(std::string_view member_id) {
  const auto found = members_.find(member_id);
  ensure(found != members_.end(), "removes a member that is not there");
  const std::unique_ptr<member> gone = std::move(found->second);
  members_.erase(found);
  count_votes(*gone, -1);
  if (gone->awaited_join) {
    --waiting_;
  }
  if (gone->instance_id) {
    static_members_.erase(*gone->instance_id);
  }
  if (leader_ == gone->id) {
    leader_ = members_.empty() ? std::string_view() : members_.begin()->first;
  }
}

void group::set_protocols(member& of, std::vector<member_protocol> protocols) {
  count_votes(of, -1);
  of.protocols = std::move(protocols);
  count_votes(of, 1);
}

void group::change_id(member& of, std::string new_id) {
  auto node = members_.extract(of.id);
  if (leader_ == of.id) {
    leader_ = new_id;
  }
  of.id = std::move(new_id);
  node.key() = of.id;
  members_.insert(std::move(node));
}

bool group::elect_waiting_leader() {
  const member* leader = find(leader_);
  if (leader != nullptr && leader->awaited_join) {
    return true;
  }
  const auto found = std::ranges::find_if(
      members_, [](const auto& each) { return static_cast<bool>(each.second->awaited_join); });
  if (found == members_.end()) {
    return false;
  }
  leader_ = found->first;
  return true;
}

void group::await_join(member& waiting, coordinator::reply_to<join_answer> to) {
  if (!waiting.awaited_join) {
    ++waiting_;
  }
  waiting.awaited_join = std::move(to);
}

coordinator::reply_to<join_answer> group::take_join(member& waiting) {
  if (waiting.awaited_join) {
    --waiting_;
  }
  return std::move(waiting.awaited_join);
}

bool group::accepts(std::string_view protocol_type,
                    std::span<const protocol::join_group_request_protocol> offered) const {
  if (members_.empty()) {
    return !protocol_type.empty() && !offered.empty();
  }
  return protocol_type_ == protocol_type && std::ranges::any_of(offered, [&](const auto& each) {
           return is_offered_by_all(each.name);
         });
}

std::string_view group::select_protocol() const {
  std::map<std::string_view, std::size_t> votes;
  for (const auto& [id, each] : members_) {
    const auto first = std::ranges::find_if(
        each->protocols, [&](const auto& protocol) { return is_offered_by_all(protocol.name); });
    ensure(first != each->protocols.end(), "members without a common protocol");
    ++votes[first->name];
  }
  ensure(!votes.empty(), "a vote without members");
  return std::ranges::max_element(votes, {}, [](const auto& each) { return each.second; })->first;
}

std::int32_t group::rebalance_timeout_ms() const {
  std::int32_t longest = 0;
  for (const auto& [id, each] : members_) {
    longest = std::max(longest, each->rebalance_timeout_ms);
  }
  return longest;
}

std::int64_t group::next_deadline_ms() const {
  std::int64_t next = std::min(rebalance_deadline_ms, sync_deadline_ms);
  for (const auto& [id, deadline_ms] : pending) {
    next = std::min(next, deadline_ms);
  }
  for (const auto& [id, each] : members_) {
    if (!each->is_kept_alive()) {
      next = std::min(next, each->session_deadline_ms);
    }
  }
  return next;
}

bool group::is_forgettable() const {
  return is(group_state::empty) && generation_ == 0 && pending.empty() && offsets.is_empty();
}

bool group::is_offered_by_all(std::string_view protocol) const {
  const auto found = offered_.find(protocol);
  return found != offered_.end() && found->second == members_.size();
}

// A name that a member gives twice counts once.
void group::count_votes(const member& of, int change) {
  std::set<std::string_view> names;
  for (const member_protocol& each : of.protocols) {
    names.insert(each.name);
  }
  for (const std::string_view name : names) {
    const auto counted = offered_.try_emplace(std::string(name), 0).first;
    counted->second += static_cast<std::size_t>(change);
    if (counted->second == 0) {
      offered_.erase(counted);
    }
  }
}

}  // namespace barnabas::group
