// A partition as Metadata and DescribeTopicPartitions show it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error_code.h"
#include "cluster/image.h"

namespace barnabas::broker::handlers {

inline std::vector<std::int32_t> to_vector(const cluster::broker_ids& ids) {
  return {ids.begin(), ids.end()};
}

// NONE when clients of that listener can reach the leader.
error_code leader_problem(const cluster::image& image, const cluster::partition& partition,
                          std::string_view listener);

std::vector<std::int32_t> offline_replicas(const cluster::image& image,
                                           const cluster::partition& partition);

// Fields that the partitions of both answers have.
template <class Message>
void fill_partition(Message& out, const cluster::image& image, const cluster::partition& partition,
                    std::int32_t index, std::string_view listener) {
  out.error_code = leader_problem(image, partition, listener);
  out.partition_index = index;
  out.leader_id = out.error_code == error_code::none ? partition.leader : cluster::no_leader;
  out.leader_epoch = partition.leader_epoch;
  out.replica_nodes = to_vector(partition.replicas);
  out.isr_nodes = to_vector(partition.isr);
  out.offline_replicas = offline_replicas(image, partition);
}

}  // namespace barnabas::broker::handlers
