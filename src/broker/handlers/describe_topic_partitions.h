// DescribeTopicPartitions (API 75), version 0 (KIP-966): topics with their partitions in the order
// of names, some at a time. No topic asks for all. The answer has at most response_partition_limit
// partitions (and at most max.request.partition.size.limit); when there are more, its cursor says
// where the next request goes on.
//
// Errors: of a topic UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, INVALID_REQUEST (a cursor
// before partition 0, or at a topic that is not among those named); of a partition
// LEADER_NOT_AVAILABLE, LISTENER_NOT_FOUND.
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "broker/request.h"
#include "protocol/messages/describe_topic_partitions_request.h"
#include "protocol/messages/describe_topic_partitions_response.h"

namespace barnabas::broker::handlers {

// At once, since nothing waits. Strings are views of the request's frame and of the image that is
// kept.
owned_response<protocol::describe_topic_partitions_response> describe_topic_partitions(
    metadata_services services, const request& request,
    const protocol::describe_topic_partitions_request& message);

}  // namespace barnabas::broker::handlers
