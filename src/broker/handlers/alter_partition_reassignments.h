// AlterPartitionReassignments (API 45), versions 0 to 1 (KIP-455). With one broker a partition can
// only be given to whom it belongs already, which is done at once: tools ask so before they move
// replicas between log directories.
//
// Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REPLICA_ASSIGNMENT (nobody, somebody
// twice, or a broker that is not alive), NO_REASSIGNMENT_IN_PROGRESS (nothing can be taken back).
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/alter_partition_reassignments_request.h"
#include "protocol/messages/alter_partition_reassignments_response.h"

namespace barnabas::broker::handlers {

owned_response<protocol::alter_partition_reassignments_response> alter_partition_reassignments(
    metadata_services services, const protocol::alter_partition_reassignments_request& message);

}  // namespace barnabas::broker::handlers
