// OffsetFetch (API 9), versions 1 to 10 (KIP-896): what is committed, for given partitions or for
// all that a group has. -1 where there is nothing; a name of a topic that is not there is no error.
//
// Version notes: 2 null asks for all, error_code; 5 committed_leader_epoch; 6 flexible; 7
// require_stable (KIP-447); 8 several groups (KIP-709); 9 member id and epoch, for groups of
// KIP-848; 10 topic ids.
//
// Errors: of a partition UNSTABLE_OFFSET_COMMIT, UNKNOWN_TOPIC_ID; of a group, in version 1 of each
// partition, NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE.
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/reply.h"
#include "protocol/messages/offset_fetch_request.h"

namespace barnabas::broker::handlers {

pending_reply offset_fetch(group_services services, request request,
                           protocol::offset_fetch_request message);

}  // namespace barnabas::broker::handlers
