// DeleteRecords (API 21), versions 0 to 2 (KIP-107): moves the start of partitions up; what lies
// before is no longer read, and its segments go with the next retention check. An offset of -1 is
// the high watermark. A partition that is named twice is answered once, for what was said last.
//
// Errors: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, OFFSET_OUT_OF_RANGE, POLICY_VIOLATION
// (cleanup.policy without delete), INVALID_TOPIC_EXCEPTION (internal topic).
#pragma once

#include "broker/handlers/partition_services.h"
#include "protocol/messages/delete_records_request.h"
#include "protocol/messages/delete_records_response.h"

namespace barnabas::broker::handlers {

runtime::task<protocol::delete_records_response> delete_records(
    partition_services services, protocol::delete_records_request message);

}  // namespace barnabas::broker::handlers
