// JoinGroup: somebody wants to be a member, or a member wants the next generation. The answer waits
// for the rebalance, unless nothing has changed for that member.
//
// A new dynamic member is first given an id (MEMBER_ID_REQUIRED, KIP-394; version 4) and joins with
// it before its session timeout. A static member (KIP-345) that comes without an id takes the place
// of the one with its instance id, without a rebalance if the group is stable and its protocol
// stays; if it was the leader it hears so, and that it need not assign (KIP-814; version 9).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/uuid.h"
#include "coordinator/machine.h"
#include "group/answers.h"
#include "group/turn.h"
#include "protocol/messages/join_group_request.h"

namespace barnabas::group {

// What is not in the message.
struct join_caller {
  std::int16_t version = 0;  // of the request
  std::string_view client_id;
  std::string_view client_host;
  uuid random;  // for a new member's id
};

// INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT, UNKNOWN_MEMBER_ID, GROUP_MAX_SIZE_REACHED,
// INCONSISTENT_GROUP_PROTOCOL, MEMBER_ID_REQUIRED, FENCED_INSTANCE_ID.
void join(turn& turn, const protocol::join_group_request& request, const join_caller& caller,
          coordinator::reply_to<join_answer> to);

}  // namespace barnabas::group
