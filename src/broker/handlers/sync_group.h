// SyncGroup (API 14), versions 0 to 5: a member gets its part of a generation; the leader brings
// everybody's, and until it has the others wait (group/sync.h), as in JoinGroup.
//
// Version notes: 3 group_instance_id (KIP-345); 4 flexible; 5 protocol type and name, which must be
// there (KIP-559).
//
// Errors: INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
// INCONSISTENT_GROUP_PROTOCOL, REBALANCE_IN_PROGRESS (also while the coordinator loads: the
// generation is lost, and old clients know no other word), UNKNOWN_SERVER_ERROR (assignments larger
// than a batch), NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE.
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/reply.h"
#include "protocol/messages/sync_group_request.h"

namespace barnabas::broker::handlers {

pending_reply sync_group(group_services services, request request,
                         protocol::sync_group_request message);

}  // namespace barnabas::broker::handlers
