// How a group gets from one generation to the next, and what happens to a member that goes or that
// does not answer (the states: group_state.h).
//
// The first rebalance of an empty group waits initial_rebalance_delay_ms for more members, again
// and again while they come, up to the rebalance timeout. Any other ends when all members have
// joined again and every id that was given away is used, or at the rebalance timeout; dynamic
// members that are missing then are removed. Members that do not ask for their part of the new
// generation in the rebalance timeout are removed, which starts another rebalance.
#pragma once

#include <string_view>

#include "group/turn.h"

namespace barnabas::group {

// Unless one is under way already. Whoever waits for an assignment is told to join again.
void prepare_rebalance(turn& turn, group& group, std::string_view why);
// Ends the wait for members when everybody is there.
void complete_join_if_all_are_there(turn& turn, group& group);

// Its clients' requests that wait are answered with UNKNOWN_MEMBER_ID.
void remove_member(turn& turn, group& group, member& gone, std::string_view why);
void remove_pending(turn& turn, group& group, std::string_view member_id);

// The member lives: its session starts again.
void renew_session(turn& turn, group& group, member& alive);
// All deadlines of the group that have passed.
void expire(turn& turn, group& group);

// Everybody who waits for an assignment hears of this error.
void refuse_syncs(turn& turn, group& group, error_code error);
// What a JoinGroup of the current generation answers this member.
join_answer joined(const group& group, const member& member, bool with_members);

}  // namespace barnabas::group
