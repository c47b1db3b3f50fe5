// Heartbeat (API 12), versions 0 to 4: a member lives, and hears whether it must join again.
//
// Version notes: 3 group_instance_id (KIP-345); 4 flexible.
//
// Errors: INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
// REBALANCE_IN_PROGRESS, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. While the coordinator loads:
// none.
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/reply.h"
#include "protocol/messages/heartbeat_request.h"

namespace barnabas::broker::handlers {

pending_reply heartbeat(group_services services, request request,
                        protocol::heartbeat_request message);

}  // namespace barnabas::broker::handlers
