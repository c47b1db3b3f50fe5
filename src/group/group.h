// One group: its state (group_state.h), its members and their votes, those who have been given an
// id but have not joined with it, and its committed offsets. Knows who is there and counts; what to
// do about it is rebalance.h, join.h and sync.h. Owned by `groups`.
//
// Always true: members() has each static member's instance id once; the leader is a member, or
// there is none; protocol_name() is set in completing_rebalance and stable only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "group/group_offsets.h"
#include "group/group_state.h"
#include "group/member.h"

namespace barnabas::group {

constexpr std::int64_t never_ms = std::numeric_limits<std::int64_t>::max();

class group {
 public:
  using member_map = std::map<std::string_view, std::unique_ptr<member>>;  // by id

  explicit group(std::string id) : id_(std::move(id)) {}

  const std::string& id() const { return id_; }
  group_state state() const { return state_; }
  bool is(group_state state) const { return state_ == state; }
  std::int32_t generation() const { return generation_; }
  const std::optional<std::string>& protocol_type() const { return protocol_type_; }
  const std::optional<std::string>& protocol_name() const { return protocol_name_; }
  const std::string& leader() const { return leader_; }
  // Since when it is in its state; -1 when that was not written.
  std::int64_t state_wall_ms() const { return state_wall_ms_; }
  void move_to(group_state state, std::int64_t wall_ms);
  // All have joined: the next generation with the protocol of the most votes, or without members.
  void begin_generation(std::int64_t wall_ms);
  // What a record of the log says; members follow by restore_member.
  struct written_state {
    std::string_view protocol_type;
    std::optional<std::string_view> protocol_name;
    std::string_view leader;
    std::int32_t generation = 0;
    std::int64_t state_wall_ms = -1;
    bool has_members = false;
  };
  void restore(const written_state& written);

  const member_map& members() const { return members_; }
  member* find(std::string_view member_id) const;
  member* find_static(std::string_view instance_id) const;
  member& add(std::unique_ptr<member> joining, std::string_view protocol_type);
  void remove(std::string_view member_id);
  void set_protocols(member& of, std::vector<member_protocol> protocols);
  // A static member comes back under another id (KIP-345).
  void change_id(member& of, std::string new_id);
  // Leaves the leader where it is when it waits, else takes one who waits; false when nobody does.
  bool elect_waiting_leader();

  void await_join(member& waiting, coordinator::reply_to<join_answer> to);
  coordinator::reply_to<join_answer> take_join(member& waiting);
  std::size_t waiting_count() const { return waiting_; }
  bool have_all_joined() const { return waiting_ == members_.size() && pending.empty(); }

  // Whether somebody who offers this could be a member.
  bool accepts(std::string_view protocol_type,
               std::span<const protocol::join_group_request_protocol> offered) const;
  // Among the protocols that all members offer the one with the most votes, a member voting for its
  // first. There is one as long as there are members.
  std::string_view select_protocol() const;
  // The longest of its members'.
  std::int32_t rebalance_timeout_ms() const;

  // Ids that were given and not used yet (KIP-394), with their steady deadlines.
  std::map<std::string, std::int64_t, std::less<>> pending;
  group_offsets offsets;

  // When the rebalance goes on without those who are missing; counts in preparing_rebalance.
  std::int64_t rebalance_deadline_ms = never_ms;
  // The first rebalance of an empty group waits for more members: how much longer it may.
  std::optional<std::int64_t> initial_delay_left_ms;
  bool has_grown_in_delay = false;
  // When members that have not asked for their part are removed.
  std::int64_t sync_deadline_ms = never_ms;
  // The earliest of all deadlines, by looking at every member.
  std::int64_t next_deadline_ms() const;
  // Where it stands in the machine's queue of deadlines; a member's heartbeat does not move it.
  std::int64_t queued_ms = never_ms;

  // Nothing that a record or somebody's id would be missed for.
  bool is_forgettable() const;

 private:
  bool is_offered_by_all(std::string_view protocol) const;
  void count_votes(const member& of, int change);

  std::string id_;
  group_state state_ = group_state::empty;
  std::int32_t generation_ = 0;
  std::optional<std::string> protocol_type_;
  std::optional<std::string> protocol_name_;
  std::string leader_;
  std::int64_t state_wall_ms_ = -1;
  member_map members_;
  std::map<std::string, member*, std::less<>> static_members_;  // by instance id
  std::map<std::string, std::size_t, std::less<>> offered_;     // protocol -> members that offer it
  std::size_t waiting_ = 0;                                     // members that wait for a join
};

}  // namespace barnabas::group
