// OffsetCommit (API 8), versions 2 to 10 (KIP-896): how far a group, or a reader without one, has
// come. Answered when the offsets are committed as the rule of acknowledgement says; commits of one
// connection take effect in their order. The offset itself is not checked: Kafka takes any.
//
// Version notes: 2 to 4 retention_time_ms; 6 committed_leader_epoch; 7 group_instance_id (KIP-345);
// 8 flexible; 9 GROUP_ID_NOT_FOUND, before ILLEGAL_GENERATION; 10 topic ids.
//
// Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, from version 10 UNKNOWN_TOPIC_ID;
// OFFSET_METADATA_TOO_LARGE; for all INVALID_COMMIT_OFFSET_SIZE (more than a batch may have),
// UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, GROUP_ID_NOT_FOUND,
// REBALANCE_IN_PROGRESS, NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE.
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/reply.h"
#include "protocol/messages/offset_commit_request.h"

namespace barnabas::broker::handlers {

pending_reply offset_commit(group_services services, request request,
                            protocol::offset_commit_request message);

}  // namespace barnabas::broker::handlers
