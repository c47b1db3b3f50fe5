// OffsetForLeaderEpoch (API 23), versions 2 to 4 (KIP-896): where a leader epoch ended in this
// leader's log, so that a reader finds out whether its log leaves the leader's (KIP-101, KIP-320).
//
// Errors: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH,
// UNKNOWN_LEADER_EPOCH. An epoch that the log does not know is answered with epoch -1 and offset
// -1.
#pragma once

#include "broker/handlers/partition_services.h"
#include "protocol/messages/offset_for_leader_epoch_request.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"

namespace barnabas::broker::handlers {

runtime::task<protocol::offset_for_leader_epoch_response> offset_for_leader_epoch(
    partition_services services, protocol::offset_for_leader_epoch_request message);

}  // namespace barnabas::broker::handlers
