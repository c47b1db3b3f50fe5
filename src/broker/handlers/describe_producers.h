// DescribeProducers (API 61), version 0 (KIP-664): the idempotent and transactional producers that
// partitions remember, with their last sequences and open transactions.
//
// Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER,
// INVALID_TOPIC_EXCEPTION.
#pragma once

#include "broker/handlers/partition_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/describe_producers_request.h"
#include "protocol/messages/describe_producers_response.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::describe_producers_response>> describe_producers(
    partition_services services, protocol::describe_producers_request message);

}  // namespace barnabas::broker::handlers
