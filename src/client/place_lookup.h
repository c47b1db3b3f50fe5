// Who leads partitions and who coordinates groups and transactions, asked from any broker: one
// Metadata or FindCoordinator for all names.
#pragma once

#include <map>
#include <set>

#include "base/topic_partition.h"
#include "client/cluster.h"

namespace barnabas::client {

enum class coordinator_type : std::int8_t { group = 0, transaction = 1 };

// An outer error when no broker has answered.
using places_by_name = std::map<std::string, result<std::int32_t>>;
runtime::task<result<places_by_name>> find_coordinators(cluster& cluster, coordinator_type type,
                                                        std::set<std::string> names,
                                                        runtime::steady_time deadline);
using places_by_partition = std::map<topic_partition, result<std::int32_t>>;
runtime::task<result<places_by_partition>> find_leaders(cluster& cluster,
                                                        std::set<topic_partition> partitions,
                                                        runtime::steady_time deadline);

}  // namespace barnabas::client
