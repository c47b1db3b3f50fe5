// Produce (API 0), versions 3 to 13 (KIP-896 took 0 to 2 away; they are advertised for librdkafka's
// sake and refused).
//
// Behaviour: each partition's batch is validated on the connection's shard, where it arrived; that
// is the first phase. The second begins by queueing the batches on their partitions' shards, before
// the next request can, where they get their offsets in place and are appended; with acks=all it
// then waits until the rule of acknowledgement is met (replica/partition.h). With acks=0 nothing is
// answered, and an error closes the connection. Partitions succeed and fail each for itself. The
// request's bytes count for the client's producer_byte_rate. A partition that is named twice is
// appended to and answered twice, in that order; Kafka drops all but the last and tells nobody.
//
// Version notes: 5 log_start_offset; 7 allows zstd; 8 record_errors and error_message (KIP-467); 9
// flexible; 10 current_leader and node_endpoints (KIP-951); 13 topic ids (KIP-516).
//
// Errors: INVALID_REQUIRED_ACKS (all partitions), UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
// INVALID_TOPIC_EXCEPTION (internal topic), NOT_LEADER_OR_FOLLOWER, INVALID_TXN_STATE
// (transactional batch: there is no coordinator yet), those of record::validate(),
// replica::partition::append() and wait_committed().
#pragma once

#include "broker/handlers/partition_services.h"
#include "broker/reply.h"
#include "broker/request.h"
#include "protocol/messages/produce_request.h"
#include "replica/partition.h"

namespace barnabas::broker::handlers {

struct produce_services : partition_services {
  replica::acknowledgement rule;
};

runtime::task<pending_reply> produce(produce_services services, request request,
                                     protocol::produce_request message);

}  // namespace barnabas::broker::handlers
