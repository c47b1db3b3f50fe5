// CreateTopics (API 19), versions 0 to 7. Answers when the partitions are usable, or
// REQUEST_TIMED_OUT after timeout_ms while the creation goes on. From version 5 the answer has the
// topic's partitions, replicas and settings (KIP-525), from version 7 its id. validate_only from
// version 1. Each name is answered once.
//
// Errors of a topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION (a name that is not allowed or
// collides), INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR, INVALID_REPLICA_ASSIGNMENT,
// INVALID_CONFIG, INVALID_REQUEST (named twice, both numbers and assignments), POLICY_VIOLATION
// (for all: more than 10,000 new partitions in the request), REQUEST_TIMED_OUT,
// KAFKA_STORAGE_ERROR, NOT_CONTROLLER, THROTTLING_QUOTA_EXCEEDED (from version 6; older clients are
// only delayed).
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "broker/request.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"

namespace barnabas::broker::handlers {

// Names in the response are views of the request's frame.
runtime::task<owned_response<protocol::create_topics_response>> create_topics(
    metadata_services services, const request& request, protocol::create_topics_request message);

}  // namespace barnabas::broker::handlers
