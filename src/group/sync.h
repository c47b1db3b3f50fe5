// SyncGroup: a member asks for its part of a generation, and the leader brings everybody's. When
// the leader has, the group is written and stable; until then the others wait.
#pragma once

#include "coordinator/machine.h"
#include "group/answers.h"
#include "group/turn.h"
#include "protocol/messages/sync_group_request.h"

namespace barnabas::group {

// INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
// INCONSISTENT_GROUP_PROTOCOL, REBALANCE_IN_PROGRESS; UNKNOWN_SERVER_ERROR for everybody when the
// group with these assignments is larger than a batch of the log may be, and a rebalance begins.
void sync(turn& turn, const protocol::sync_group_request& request,
          coordinator::reply_to<sync_answer> to);

}  // namespace barnabas::group
