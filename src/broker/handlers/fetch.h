// Fetch (API 1), versions 4 to 18 (KIP-896).
//
// Behaviour: the partitions of the request, or those that its session remembers (KIP-227), are read
// on their owners' shards; what is found are file slices, which leave by sendfile. When they hold
// fewer than min_bytes the request waits on its partitions until something arrives or max_wait_ms
// has passed, and looks again. An error is answered at once. The first batch is returned whatever
// its size (KIP-74); max_bytes bounds the rest, in the order of the partitions, and may cut the
// last batch short. A client above its consumer_byte_rate or request_percentage gets no data but
// throttle_time_ms, and one below gets at most what its quota's window allows. A partition that is
// named twice is read once, from where it was said last.
//
// Version notes: 5 log_start_offset; 7 sessions; 9 current_leader_epoch (KIP-320); 11 rack; 12
// flexible, last_fetched_epoch; 13 topic ids; 15 replica state (KIP-903); 16 node_endpoints
// (KIP-951); 17 replica directory id; 18 the follower's high watermark.
//
// Errors: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR and
// INVALID_REQUEST (max_bytes below 0, an unknown isolation level) for the whole; of a partition
// UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH,
// UNKNOWN_LEADER_EPOCH, OFFSET_OUT_OF_RANGE, INVALID_REQUEST (partition_max_bytes below 0),
// KAFKA_STORAGE_ERROR.
#pragma once

#include <cstdint>

#include "broker/fetch_session.h"
#include "broker/handlers/partition_services.h"
#include "broker/reply.h"
#include "broker/request.h"
#include "protocol/messages/fetch_request.h"

namespace barnabas::broker::handlers {

struct fetch_services : partition_services {
  fetch_session_shards& sessions;
  std::int32_t max_bytes;  // fetch.max.bytes
};

runtime::task<pending_reply> fetch(fetch_services services, request request,
                                   protocol::fetch_request message);

}  // namespace barnabas::broker::handlers
