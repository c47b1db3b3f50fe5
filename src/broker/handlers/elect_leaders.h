// ElectLeaders (API 43), versions 0 to 2 (KIP-183, KIP-460): gives partitions back to their
// preferred replica, or (unclean) to any live one where nobody leads. Without partitions all are
// looked at, and those where nothing is to be done are not answered.
//
// Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, ELECTION_NOT_NEEDED,
// PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE, INVALID_REQUEST (an election that
// does not exist), REQUEST_TIMED_OUT, NOT_CONTROLLER.
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/elect_leaders_request.h"
#include "protocol/messages/elect_leaders_response.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::elect_leaders_response>> elect_leaders(
    metadata_services services, protocol::elect_leaders_request message);

}  // namespace barnabas::broker::handlers
