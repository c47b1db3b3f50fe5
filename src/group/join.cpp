#include "group/join.h"

#include <fmt/format.h>

#include "base/log.h"
#include "group/rebalance.h"
#include "group/records.h"
#include "group/validate.h"

namespace barnabas::group {
namespace {

using coordinator::reply_to;
using protocol::join_group_request;

constexpr std::int16_t first_version_with_rebalance_timeout = 1;
constexpr std::int16_t first_version_with_required_ids = 4;
constexpr std::int16_t first_version_with_skipped_assignment = 9;
// The session of a member that has never been in a generation: it has not been told to send
// heartbeats, so its wait may take so long.
constexpr std::int64_t new_member_wait_ms = 300'000;

// One request on its way through this file.
struct joining {
  turn& call;
  const join_group_request& request;
  const join_caller& caller;
  reply_to<join_answer> to;

  void refuse(error_code error, std::string_view member_id) {
    join_answer out;
    out.error = error;
    out.member_id = member_id;
    call.out.answer(std::move(to), std::move(out));
  }
  void refuse(error_code error) { refuse(error, request.member_id); }
  void accept(join_answer out) { call.out.answer(std::move(to), std::move(out)); }
};

// Eight, four, four, four and twelve hexadecimal digits, as Java prints it.
std::string dashed(const uuid& id) {
  std::string text;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    text += i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "";
    text += fmt::format("{:02x}", std::to_integer<unsigned>(id.bytes[i]));
  }
  return text;
}

std::string new_member_id(const joining& j) {
  return fmt::format("{}-{}", j.request.group_instance_id.value_or(j.caller.client_id),
                     dashed(j.caller.random));
}

std::string reason(const joining& j, std::string_view what) {
  return fmt::format("{}; client's reason: {}", what, j.request.reason.value_or("none given"));
}

// In a rebalance those who wait count, so that a group that is too large loses its last ones.
bool has_room(const group& group, std::string_view member_id, std::int32_t max_size) {
  const auto limit = static_cast<std::size_t>(max_size);
  const member* known = group.find(member_id);
  switch (group.state()) {
    case group_state::empty:
    case group_state::dead:
      return true;
    case group_state::preparing_rebalance:
      return (known != nullptr && known->awaited_join) || group.waiting_count() < limit;
    case group_state::completing_rebalance:
    case group_state::stable:
      return known != nullptr || group.members().size() < limit;
  }
  return false;
}

void set_timeouts(const joining& j, member& of) {
  of.session_timeout_ms = j.request.session_timeout_ms;
  of.rebalance_timeout_ms = j.caller.version < first_version_with_rebalance_timeout
                                ? j.request.session_timeout_ms
                                : j.request.rebalance_timeout_ms;
}

void add_member(joining& j, group& group, std::string id) {
  auto joining_member = std::make_unique<member>();
  joining_member->id = std::move(id);
  joining_member->instance_id = j.request.group_instance_id;
  joining_member->client_id = j.caller.client_id;
  joining_member->client_host = j.caller.client_host;
  joining_member->protocols = copy_of(j.request.protocols);
  joining_member->is_new = true;
  joining_member->session_deadline_ms = j.call.now.steady_ms + new_member_wait_ms;
  set_timeouts(j, *joining_member);
  if (group.is(group_state::preparing_rebalance)) {
    group.has_grown_in_delay = true;
  }
  member& added = group.add(std::move(joining_member), j.request.protocol_type);
  group.await_join(added, std::move(j.to));
  j.call.all.wake_by(group, added.session_deadline_ms);
  prepare_rebalance(j.call, group, reason(j, "a member joins"));
}

// A member that is there joins the next generation.
void rejoin(joining& j, group& group, member& known, std::string_view why) {
  set_timeouts(j, known);
  group.set_protocols(known, copy_of(j.request.protocols));
  group.await_join(known, std::move(j.to));
  prepare_rebalance(j.call, group, reason(j, why));
}

// What the member that has come back in a stable group hears. One that does not know
// skip_assignment must not take itself for the leader: it would assign anew.
join_answer replaced(const joining& j, const group& group, const member& back,
                     const std::string& former_leader) {
  const bool may_skip = j.caller.version >= first_version_with_skipped_assignment;
  const bool is_leader = group.leader() == back.id;
  join_answer out = joined(group, back, may_skip && is_leader);
  out.skip_assignment = may_skip && is_leader;
  if (!may_skip) {
    out.leader = former_leader;
  }
  return out;
}

void fence(joining& j, group& group, member& old) {
  if (auto waiting = group.take_join(old)) {
    join_answer fenced;
    fenced.error = error_code::fenced_instance_id;
    fenced.member_id = old.id;
    j.call.out.answer(std::move(waiting), std::move(fenced));
  }
  if (old.awaited_sync) {
    j.call.out.answer(std::move(old.awaited_sync),
                      sync_answer{.error = error_code::fenced_instance_id});
  }
}

void replace_static(joining& j, group& group, member& old, std::string id) {
  log(log_level::info, "group", "a static member has come back",
      {field("group", group.id()), field("instance", *old.instance_id), field("was", old.id),
       field("is", id)});
  const std::string former_leader = group.leader();
  fence(j, group, old);
  group.change_id(old, std::move(id));
  set_timeouts(j, old);
  group.set_protocols(old, copy_of(j.request.protocols));
  renew_session(j.call, group, old);
  if (group.is(group_state::stable) && group.protocol_name() == group.select_protocol()) {
    j.call.out.append(group_record(group, j.call.now.wall_ms,
                                   [](const member& each) { return each.assignment.view(); }));
    j.accept(replaced(j, group, old, former_leader));
    return;
  }
  group.await_join(old, std::move(j.to));
  prepare_rebalance(j.call, group, reason(j, "a static member has come back"));
}

void join_without_id(joining& j, group& group) {
  std::string id = new_member_id(j);
  if (j.request.group_instance_id) {
    member* old = group.find_static(*j.request.group_instance_id);
    if (old != nullptr) {
      replace_static(j, group, *old, std::move(id));
    } else {
      add_member(j, group, std::move(id));
    }
  } else if (j.caller.version >= first_version_with_required_ids) {
    const std::int64_t deadline_ms = j.call.now.steady_ms + j.request.session_timeout_ms;
    group.pending[id] = deadline_ms;
    j.call.all.wake_by(group, deadline_ms);
    j.refuse(error_code::member_id_required, id);
  } else {
    add_member(j, group, std::move(id));
  }
}

// For a member whom the generation has not changed: its answer may have been lost.
void answer_current(joining& j, const group& group, const member& known) {
  j.accept(joined(group, known,
                  group.is(group_state::completing_rebalance) && group.leader() == known.id));
}

void join_again(joining& j, group& group, member& known) {
  switch (group.state()) {
    case group_state::preparing_rebalance:
      return rejoin(j, group, known, "a member joins again");
    case group_state::completing_rebalance:
      return known.offers(j.request.protocols)
                 ? answer_current(j, group, known)
                 : rejoin(j, group, known, "a member has changed what it offers");
    case group_state::stable:
      // The leader joins when it wants to assign anew: topics may have changed.
      if (group.leader() == known.id) {
        return rejoin(j, group, known, "the leader joins again");
      }
      return known.offers(j.request.protocols)
                 ? answer_current(j, group, known)
                 : rejoin(j, group, known, "a member has changed what it offers");
    case group_state::empty:
    case group_state::dead:
      return j.refuse(error_code::unknown_member_id);
  }
}

void join_with_id(joining& j, group& group) {
  if (group.pending.contains(j.request.member_id) && !j.request.group_instance_id) {
    add_member(j, group, std::string(j.request.member_id));
    return;
  }
  const error_code code = validate_member(group, j.request.member_id, j.request.group_instance_id);
  if (code != error_code::none) {
    j.refuse(code);
  } else {
    join_again(j, group, *group.find(j.request.member_id));
  }
}

void join_group(joining& j, group& group) {
  if (!has_room(group, j.request.member_id, j.call.limits.max_size)) {
    group.pending.erase(std::string(j.request.member_id));
    if (group.find(j.request.member_id) != nullptr) {
      group.remove(j.request.member_id);
    }
    j.refuse(error_code::group_max_size_reached, "");
    complete_join_if_all_are_there(j.call, group);
  } else if (!group.accepts(j.request.protocol_type, j.request.protocols)) {
    j.refuse(error_code::inconsistent_group_protocol);
  } else if (j.request.member_id.empty()) {
    join_without_id(j, group);
  } else {
    join_with_id(j, group);
  }
}

}  // namespace

void join(turn& turn, const join_group_request& request, const join_caller& caller,
          reply_to<join_answer> to) {
  joining j{turn, request, caller, std::move(to)};
  if (request.group_id.empty()) {
    return j.refuse(error_code::invalid_group_id);
  }
  if (request.session_timeout_ms < turn.limits.min_session_timeout_ms ||
      request.session_timeout_ms > turn.limits.max_session_timeout_ms) {
    return j.refuse(error_code::invalid_session_timeout);
  }
  group* known = turn.all.find(request.group_id);
  if (known == nullptr && !request.member_id.empty()) {
    return j.refuse(error_code::unknown_member_id);
  }
  if (known != nullptr) {
    return join_group(j, *known);
  }
  group& fresh = turn.all.find_or_create(request.group_id);
  join_group(j, fresh);
  if (fresh.is_forgettable()) {
    turn.all.erase(fresh.id());
  }
}

}  // namespace barnabas::group
