// JoinGroup (API 11), versions 0 to 9: somebody becomes a member of a group, or a member enters the
// next generation. The answer waits for the group's rebalance, up to minutes (group/join.h); the
// connection's next requests go on meanwhile. A closed connection ends the waiting but does not
// remove the member: its session does.
//
// Version notes: 1 rebalance_timeout_ms; 4 new members are given an id first (MEMBER_ID_REQUIRED,
// KIP-394); 5 group_instance_id (KIP-345); 6 flexible; 7 protocol_type; 8 reason (KIP-800); 9
// skip_assignment (KIP-814).
//
// Errors: INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID,
// GROUP_MAX_SIZE_REACHED, INCONSISTENT_GROUP_PROTOCOL, MEMBER_ID_REQUIRED, UNKNOWN_SERVER_ERROR (a
// group larger than a batch), NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS,
// COORDINATOR_NOT_AVAILABLE.
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/reply.h"
#include "protocol/messages/join_group_request.h"

namespace barnabas::broker::handlers {

pending_reply join_group(group_services services, request request,
                         protocol::join_group_request message);

}  // namespace barnabas::broker::handlers
