// FindCoordinator (API 10), versions 0 to 6: which broker coordinates a group. That is the leader
// of the partition of __consumer_offsets that the group's id hashes to; the topic is created when
// it is not there, and is usable when the answer leaves.
//
// Version notes: 1 key types, error_message; 3 flexible; 4 several keys (KIP-699); 6 share groups
// (KIP-932).
//
// Errors of a key: COORDINATOR_NOT_AVAILABLE (no leader, one that this listener does not reach, or
// the topic cannot be created: the log says why), INVALID_REQUEST (a transactional id or a share
// group, which this broker does not coordinate, as Kafka without a share coordinator says; an
// unknown type of key).
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "broker/request.h"
#include "protocol/messages/find_coordinator_request.h"
#include "protocol/messages/find_coordinator_response.h"

namespace barnabas::broker::handlers {

// The message's views last until the task has ended.
runtime::task<owned_response<protocol::find_coordinator_response>> find_coordinator(
    metadata_services services, const request& request, protocol::find_coordinator_request message);

}  // namespace barnabas::broker::handlers
