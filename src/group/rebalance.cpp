#include "group/rebalance.h"

#include <algorithm>
#include <vector>

#include "base/log.h"
#include "group/records.h"

namespace barnabas::group {
namespace {

using coordinator::reply_to;

template <class T>
void answer(turn& turn, reply_to<T> to, T with) {
  if (to) {
    turn.out.answer(std::move(to), std::move(with));
  }
}

// A timeout of zero is a turn of the clock, so that no group is due again at once.
std::int64_t after(const turn& turn, std::int32_t timeout_ms) {
  return turn.now.steady_ms + std::max(timeout_ms, 1);
}

void start_initial_delay(turn& turn, group& group) {
  const std::int32_t delay_ms = turn.limits.initial_rebalance_delay_ms;
  group.initial_delay_left_ms =
      std::max<std::int64_t>(std::int64_t{group.rebalance_timeout_ms()} - delay_ms, 0);
  group.has_grown_in_delay = false;
  group.rebalance_deadline_ms = turn.now.steady_ms + delay_ms;
}

// True when the delay goes on.
bool extend_initial_delay(turn& turn, group& group) {
  const std::int64_t delay_ms =
      std::min<std::int64_t>(turn.limits.initial_rebalance_delay_ms, *group.initial_delay_left_ms);
  if (!group.has_grown_in_delay || delay_ms == 0) {
    group.initial_delay_left_ms.reset();
    return false;
  }
  group.has_grown_in_delay = false;
  *group.initial_delay_left_ms -= delay_ms;
  group.rebalance_deadline_ms = turn.now.steady_ms + delay_ms;
  turn.all.wake_by(group, group.rebalance_deadline_ms);
  return true;
}

void remove_missing_members(group& group) {
  std::vector<std::string> missing;
  for (const auto& [id, each] : group.members()) {
    if (!each->awaited_join && !each->is_static()) {
      missing.emplace_back(id);
    }
  }
  for (const std::string& id : missing) {
    log(log_level::info, "group", "a member did not join again and is removed",
        {field("group", group.id()), field("member", id)});
    group.remove(id);
  }
}

void write_empty(turn& turn, group& group) {
  log(log_level::info, "group", "the group is empty",
      {field("group", group.id()), field("generation", group.generation())});
  turn.out.append(
      group_record(group, turn.now.wall_ms, [](const member&) { return bytes_view(); }));
}

void answer_joins(turn& turn, group& group) {
  for (const auto& [id, each] : group.members()) {
    answer(turn, group.take_join(*each), joined(group, *each, id == group.leader()));
    each->is_new = false;
    each->is_sync_pending = true;
    renew_session(turn, group, *each);
  }
  group.sync_deadline_ms = after(turn, group.rebalance_timeout_ms());
  turn.all.wake_by(group, group.sync_deadline_ms);
}

void complete_join(turn& turn, group& group) {
  group.rebalance_deadline_ms = never_ms;
  remove_missing_members(group);
  if (!group.members().empty() && !group.elect_waiting_leader()) {
    // Only static members, and none came: their sessions will end, or they will come.
    group.rebalance_deadline_ms = after(turn, group.rebalance_timeout_ms());
    turn.all.wake_by(group, group.rebalance_deadline_ms);
    return;
  }
  group.begin_generation(turn.now.wall_ms);
  if (group.is(group_state::empty)) {
    write_empty(turn, group);
    return;
  }
  log(log_level::info, "group", "a generation begins",
      {field("group", group.id()), field("generation", group.generation()),
       field("members", group.members().size()), field("protocol", *group.protocol_name())});
  answer_joins(turn, group);
}

void expire_pending(turn& turn, group& group) {
  std::erase_if(group.pending, [&](const auto& each) { return each.second <= turn.now.steady_ms; });
  complete_join_if_all_are_there(turn, group);
}

void expire_sessions(turn& turn, group& group) {
  std::vector<std::string> silent;
  for (const auto& [id, each] : group.members()) {
    if (!each->is_kept_alive() && each->session_deadline_ms <= turn.now.steady_ms) {
      silent.emplace_back(id);
    }
  }
  for (const std::string& id : silent) {
    // Removing another may have ended the wait in which it was silent, or removed it, too.
    member* const gone = group.find(id);
    if (gone != nullptr && gone->session_deadline_ms <= turn.now.steady_ms) {
      remove_member(turn, group, *gone, "its session has timed out");
    }
  }
}

void expire_rebalance(turn& turn, group& group) {
  if (group.rebalance_deadline_ms > turn.now.steady_ms) {
    return;
  }
  if (!group.initial_delay_left_ms || !extend_initial_delay(turn, group)) {
    complete_join(turn, group);
  }
}

void expire_syncs(turn& turn, group& group) {
  if (group.sync_deadline_ms > turn.now.steady_ms) {
    return;
  }
  group.sync_deadline_ms = never_ms;
  std::vector<std::string> silent;
  for (const auto& [id, each] : group.members()) {
    if (each->is_sync_pending) {
      silent.emplace_back(id);
    }
  }
  for (const std::string& id : silent) {
    log(log_level::info, "group", "a member did not ask for its assignment and is removed",
        {field("group", group.id()), field("member", id)});
    group.remove(id);
  }
  if (!silent.empty()) {
    prepare_rebalance(turn, group, "members did not ask for their assignment");
  }
}

}  // namespace

void prepare_rebalance(turn& turn, group& group, std::string_view why) {
  if (group.is(group_state::preparing_rebalance)) {
    complete_join_if_all_are_there(turn, group);
    return;
  }
  if (group.is(group_state::completing_rebalance)) {
    refuse_syncs(turn, group, error_code::rebalance_in_progress);
  }
  log(log_level::info, "group", "a rebalance begins",
      {field("group", group.id()), field("generation", group.generation()),
       field("members", group.members().size()), field("reason", why)});
  group.sync_deadline_ms = never_ms;
  for (const auto& [id, each] : group.members()) {
    each->is_sync_pending = false;
  }
  if (group.is(group_state::empty)) {
    start_initial_delay(turn, group);
  } else {
    group.rebalance_deadline_ms = after(turn, group.rebalance_timeout_ms());
  }
  group.move_to(group_state::preparing_rebalance, turn.now.wall_ms);
  turn.all.wake_by(group, group.rebalance_deadline_ms);
  complete_join_if_all_are_there(turn, group);
}

void complete_join_if_all_are_there(turn& turn, group& group) {
  if (group.is(group_state::preparing_rebalance) && !group.initial_delay_left_ms &&
      group.have_all_joined()) {
    complete_join(turn, group);
  }
}

void remove_member(turn& turn, group& group, member& gone, std::string_view why) {
  log(log_level::info, "group", "a member is removed",
      {field("group", group.id()), field("member", gone.id), field("reason", why)});
  join_answer unknown;
  unknown.error = error_code::unknown_member_id;
  answer(turn, group.take_join(gone), std::move(unknown));
  answer(turn, std::move(gone.awaited_sync), {.error = error_code::unknown_member_id});
  group.remove(gone.id);
  prepare_rebalance(turn, group, why);
}

void remove_pending(turn& turn, group& group, std::string_view member_id) {
  group.pending.erase(group.pending.find(member_id));
  complete_join_if_all_are_there(turn, group);
}

void renew_session(turn& turn, group& group, member& alive) {
  alive.session_deadline_ms = turn.now.steady_ms + alive.session_timeout_ms;
  turn.all.wake_by(group, alive.session_deadline_ms);
}

void expire(turn& turn, group& group) {
  expire_pending(turn, group);
  expire_sessions(turn, group);
  expire_rebalance(turn, group);
  expire_syncs(turn, group);
  turn.all.wake_by(group, group.next_deadline_ms());
}

void refuse_syncs(turn& turn, group& group, error_code error) {
  for (const auto& [id, each] : group.members()) {
    if (each->awaited_sync) {
      answer(turn, std::move(each->awaited_sync), {.error = error});
      renew_session(turn, group, *each);
    }
  }
}

join_answer joined(const group& group, const member& member, bool with_members) {
  join_answer out;
  out.generation = group.generation();
  out.protocol_type = group.protocol_type();
  out.protocol_name = group.protocol_name();
  out.leader = group.leader();
  out.member_id = member.id;
  if (with_members) {
    out.members.reserve(group.members().size());
    for (const auto& [id, each] : group.members()) {
      out.members.push_back(
          {each->id, each->instance_id, each->metadata_for(group.protocol_name().value_or(""))});
    }
  }
  return out;
}

}  // namespace barnabas::group
