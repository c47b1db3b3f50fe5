// ListPartitionReassignments (API 46), version 0 (KIP-455): the partitions whose replicas are being
// exchanged, as they stand in the image. Those of the request where nothing happens are not
// answered.
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/list_partition_reassignments_request.h"
#include "protocol/messages/list_partition_reassignments_response.h"

namespace barnabas::broker::handlers {

owned_response<protocol::list_partition_reassignments_response> list_partition_reassignments(
    metadata_services services, const protocol::list_partition_reassignments_request& message);

}  // namespace barnabas::broker::handlers
