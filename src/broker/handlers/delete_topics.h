// DeleteTopics (API 20), versions 0 to 6: by name, from version 6 also by id (KIP-516). When it
// answers, the topics are gone for every client; their files and what groups have committed for
// them go a little later. REQUEST_TIMED_OUT
// after timeout_ms while the deletion goes on.
//
// Errors of a topic: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_DELETION_DISABLED (before
// version 3 INVALID_REQUEST), INVALID_REQUEST (named twice; both name and id,
// or neither), REQUEST_TIMED_OUT, NOT_CONTROLLER, THROTTLING_QUOTA_EXCEEDED (from version 5; older
// clients are only delayed).
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "broker/request.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::delete_topics_response>> delete_topics(
    metadata_services services, const request& request, protocol::delete_topics_request message);
// And has the groups of this broker forget what they have committed for those topics.
runtime::task<owned_response<protocol::delete_topics_response>> delete_topics_and_offsets(
    metadata_services services, group_services groups, const request& request,
    protocol::delete_topics_request message);

}  // namespace barnabas::broker::handlers
