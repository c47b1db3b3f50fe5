// OffsetDelete (API 47), version 0 (KIP-496): committed offsets are forgotten. A group of consumers
// keeps those of topics that it reads.
//
// Errors: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP (members of another kind), NOT_COORDINATOR,
// COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE; of a partition
// UNKNOWN_TOPIC_OR_PARTITION, GROUP_SUBSCRIBED_TO_TOPIC.
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/reply.h"
#include "protocol/messages/offset_delete_request.h"

namespace barnabas::broker::handlers {

pending_reply offset_delete(group_services services, request request,
                            protocol::offset_delete_request message);

}  // namespace barnabas::broker::handlers
