// Metadata (API 3), versions 0 to 13: brokers, the controller, and topics with their partitions, as
// of one image.
//
// All topics are asked for by null, and in version 0 by an empty list. From version 12 on a topic
// may be asked for by its id (KIP-516). A broker is shown with the host and port of the listener
// that the client uses; one without that listener is not shown. A topic that does not exist is
// created when the broker's auto.create.topics.enable and (from version 4) the request allow it,
// and is usable when the answer leaves; its partitions count for the client's
// controller_mutation_rate, which here only delays.
//
// Errors of a topic: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, INVALID_TOPIC_EXCEPTION,
// INVALID_REQUEST (an id before version 12), what creation says, LEADER_NOT_AVAILABLE (creation
// takes too long). Of a partition: LEADER_NOT_AVAILABLE, LISTENER_NOT_FOUND (from version 6), in
// version 0 REPLICA_NOT_AVAILABLE.
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "broker/request.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"

namespace barnabas::broker::handlers {

// The message's views last until the task has ended.
runtime::task<owned_response<protocol::metadata_response>> metadata(
    metadata_services services, const request& request, protocol::metadata_request message);

}  // namespace barnabas::broker::handlers
