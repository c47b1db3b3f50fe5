// DescribeCluster (API 60), versions 0 to 2 (KIP-700): the brokers with the addresses of the
// client's listener, the controller, and the cluster's id. Fenced brokers (from version 2) are
// KRaft's; there are none.
//
// Errors: MISMATCHED_ENDPOINT_TYPE when a client that looks for KRaft controllers asks here,
// UNSUPPORTED_ENDPOINT_TYPE.
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "broker/request.h"
#include "protocol/messages/describe_cluster_request.h"
#include "protocol/messages/describe_cluster_response.h"

namespace barnabas::broker::handlers {

owned_response<protocol::describe_cluster_response> describe_cluster(
    metadata_services services, const request& request,
    const protocol::describe_cluster_request& message);

}  // namespace barnabas::broker::handlers
