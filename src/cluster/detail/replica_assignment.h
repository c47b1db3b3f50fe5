// Which brokers hold the partitions of a new topic, and what a client may ask for.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/result.h"
#include "cluster/image.h"

namespace barnabas::cluster::detail {

using replica_lists = std::vector<std::vector<std::int32_t>>;

// Round robin from a random broker; followers shift one further each time the brokers have been
// gone around, so that a broker's followers spread over all others (Kafka's rule without racks).
// `partitions` more, after `existing` ones. INVALID_REPLICATION_FACTOR when there are fewer
// brokers, or it is below 1.
result<replica_lists> spread_replicas(const std::vector<std::int32_t>& brokers,
                                      std::int32_t partitions, std::int32_t replication_factor,
                                      std::uint64_t random, std::int32_t existing);

// INVALID_REPLICA_ASSIGNMENT: no replicas, one twice, a broker that is not there, lists of
// different lengths.
result<> check_replicas(const replica_lists& replicas, const image& image);

}  // namespace barnabas::cluster::detail
