// Heartbeat and LeaveGroup: a member lives, or goes.
#pragma once

#include <vector>

#include "coordinator/machine.h"
#include "group/turn.h"
#include "protocol/messages/heartbeat_request.h"
#include "protocol/messages/leave_group_request.h"

namespace barnabas::group {

// REBALANCE_IN_PROGRESS: join again. Otherwise INVALID_GROUP_ID, UNKNOWN_MEMBER_ID,
// FENCED_INSTANCE_ID, ILLEGAL_GENERATION.
void heartbeat(turn& turn, const protocol::heartbeat_request& request,
               coordinator::reply_to<error_code> to);

// One code a member of the request, in its order: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. An
// administrator names a static member by its instance id alone (KIP-345).
void leave(turn& turn, const protocol::leave_group_request& request,
           coordinator::reply_to<std::vector<error_code>> to);

}  // namespace barnabas::group
