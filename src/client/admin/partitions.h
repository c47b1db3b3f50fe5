// What is asked from the leaders of partitions: offsets, records to delete, producers.
#pragma once

#include <barnabas/admin/topics.h>
#include "client/each_call.h"

namespace barnabas::client {

template <class T>
using each_partition = kafka::each<kafka::topic_partition, T>;

// The low watermarks after it.
answer_to<each_partition<std::int64_t>> delete_records(
    cluster& cluster, const std::map<kafka::topic_partition, std::int64_t>& before);
answer_to<each_partition<kafka::listed_offset>> list_offsets(
    cluster& cluster, const std::map<kafka::topic_partition, std::int64_t>& times,
    kafka::isolation_level isolation);

answer_to<each_partition<std::vector<kafka::producer_state>>> describe_producers(
    cluster& cluster, const std::vector<kafka::topic_partition>& partitions,
    std::optional<std::int32_t> broker);

}  // namespace barnabas::client
