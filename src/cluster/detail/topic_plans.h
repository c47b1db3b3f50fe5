// What a request about topics comes to, decided from the image alone: nothing is written and nobody
// waits. All of Kafka's reasons to refuse stand here.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "cluster/image.h"
#include "cluster/topics.h"

namespace barnabas::cluster::detail {

struct topic_defaults {
  std::int32_t partitions = 1;
  std::int16_t replication_factor = 1;
  std::int32_t controller_epoch = 0;
};

// More partitions than this in one topic are refused: a client's number alone must not fill the
// memory.
inline constexpr std::int32_t most_partitions = 100'000;

// As many new partitions as Kafka takes from one request; each costs files and a write to the
// store.
inline constexpr std::int64_t most_partitions_at_once = 10'000;

// POLICY_VIOLATION when `partitions`, all new ones of a request together, are more than that.
result<> check_partitions_at_once(std::int64_t partitions);

// How many new partitions the request asks for, at least 0; what else is wrong with it shows later.
std::int64_t asked_partitions(const new_topic& wanted, const topic_defaults& defaults);
std::int64_t asked_partitions(const image& image, const more_partitions& wanted);

// The topic as it will stand in the image, with its first replica as the leader of each partition.
result<topic> plan_topic(const image& image, const new_topic& wanted,
                         const topic_defaults& defaults, uuid id, std::uint64_t random);

// The topic with its new partitions at the end.
result<topic> plan_more_partitions(const image& image, const more_partitions& wanted,
                                   std::int32_t controller_epoch, std::uint64_t random);

// UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_DELETION_DISABLED.
result<topic_ptr> find_to_delete(const image& image, const topic_to_delete& wanted,
                                 bool is_deletion_enabled);

// A topic that was found in log directories, with one replica, on `broker_id`.
result<topic> plan_found_topic(const image& image, const found_topic& found, std::int32_t broker_id,
                               std::int32_t controller_epoch);

// A new partition: its first live replica leads, the live ones are in sync.
partition new_partition(const broker_ids& replicas, const image& image,
                        std::int32_t controller_epoch);

}  // namespace barnabas::cluster::detail
