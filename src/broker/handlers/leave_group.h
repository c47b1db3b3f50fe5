// LeaveGroup (API 13), versions 0 to 5: members go, so that their group need not wait for the end
// of their sessions. From version 3 on several at once, static ones also by their instance id alone
// (KIP-345).
//
// Version notes: 3 members; 4 flexible; 5 reason (KIP-800).
//
// Errors: INVALID_GROUP_ID, NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS,
// COORDINATOR_NOT_AVAILABLE; of a member, or before version 3 of the whole, UNKNOWN_MEMBER_ID,
// FENCED_INSTANCE_ID.
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/reply.h"
#include "protocol/messages/leave_group_request.h"

namespace barnabas::broker::handlers {

pending_reply leave_group(group_services services, request request,
                          protocol::leave_group_request message);

}  // namespace barnabas::broker::handlers
