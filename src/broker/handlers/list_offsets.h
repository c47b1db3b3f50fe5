// ListOffsets (API 2), versions 1 to 11 (KIP-896).
//
// Behaviour: for each partition the first offset whose timestamp is not below the asked one, or
// what a special timestamp means: -1 the end that a reader of this isolation level sees, -2 the log
// start, -3 the record with the largest timestamp (version 7, KIP-734), -4 the log start on this
// disk (8, KIP-405), -5 the last tiered offset (9, KIP-1005) and -6 the first one not tiered yet
// (11), both unknown without tiered storage. An offset of -1 says that no record answers.
//
// Version notes: 2 isolation level; 4 leader epochs; 6 flexible; 10 timeout.
//
// Errors: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH,
// UNKNOWN_LEADER_EPOCH, UNSUPPORTED_VERSION (a special timestamp newer than the version),
// INVALID_REQUEST (a partition named twice, an unknown isolation level), KAFKA_STORAGE_ERROR.
#pragma once

#include "broker/handlers/partition_services.h"
#include "broker/request.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"

namespace barnabas::broker::handlers {

runtime::task<protocol::list_offsets_response> list_offsets(partition_services services,
                                                            const request& request,
                                                            protocol::list_offsets_request message);

}  // namespace barnabas::broker::handlers
