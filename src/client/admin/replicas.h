// Who leads partitions and which brokers have them, changed by the controller.
#pragma once

#include <barnabas/admin/topics.h>
#include "client/each_call.h"

namespace barnabas::client {

// Among all partitions when none is named: then those that need no election are not told of.
answer_to<kafka::each<kafka::topic_partition>> elect_leaders(
    cluster& cluster, kafka::election_type type,
    const std::vector<kafka::topic_partition>& partitions);
// Nothing in place of replicas calls a reassignment off.
using new_replicas = std::map<kafka::topic_partition, std::optional<kafka::replica_list>>;
answer_to<kafka::each<kafka::topic_partition>> alter_partition_reassignments(
    cluster& cluster, const new_replicas& wanted);
// Those under way, of all partitions when none is named.
answer_to<std::map<kafka::topic_partition, kafka::reassignment>> list_partition_reassignments(
    cluster& cluster, const std::vector<kafka::topic_partition>& partitions);

}  // namespace barnabas::client
