// Groups of Kafka Streams with the protocol of their own, described by their coordinators.
#pragma once

#include <barnabas/admin/streams.h>
#include "client/each_call.h"

namespace barnabas::client {

answer_to<kafka::each<std::string, kafka::streams_group_description>> describe_streams_groups(
    cluster& cluster, const std::vector<std::string>& groups, bool with_operations);

}  // namespace barnabas::client
