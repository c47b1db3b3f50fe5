// CreatePartitions (API 37), versions 0 to 3 (KIP-195): raises the number of a topic's partitions.
// Answers when the new ones are usable, or REQUEST_TIMED_OUT after timeout_ms while the change goes
// on.
//
// Errors of a topic: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS (not more than now, or too
// many), INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR, REASSIGNMENT_IN_PROGRESS,
// INVALID_REQUEST (named twice), POLICY_VIOLATION (for all: more than 10,000 new partitions in the
// request), REQUEST_TIMED_OUT, KAFKA_STORAGE_ERROR, NOT_CONTROLLER,
// THROTTLING_QUOTA_EXCEEDED (from version 3; older clients are only delayed).
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "broker/request.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::create_partitions_response>> create_partitions(
    metadata_services services, const request& request,
    protocol::create_partitions_request message);

}  // namespace barnabas::broker::handlers
