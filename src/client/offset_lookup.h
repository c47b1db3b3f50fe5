// Offsets by time, asked from the leaders of the partitions (ListOffsets).
#pragma once

#include <map>

#include "base/topic_partition.h"
#include "client/cluster.h"

namespace barnabas::client {

// Times that stand for places in a log.
inline constexpr std::int64_t time_of_begin = -2;
inline constexpr std::int64_t time_of_end = -1;

using offsets_by_partition = std::map<topic_partition, result<std::int64_t>>;

// The offset of the first record not older than the time, -1 when there is
// none; for each partition that was asked for, after trying again what may be
// tried again until the deadline.
runtime::task<offsets_by_partition> look_up_offsets(cluster& cluster,
                                                    std::map<topic_partition, std::int64_t> times,
                                                    bool reads_uncommitted,
                                                    runtime::steady_time deadline);

// Until the topic's partitions are known, or why they are not.
runtime::task<result<>> wait_for_topic(cluster& cluster, std::string topic,
                                       runtime::steady_time deadline);

}  // namespace barnabas::client
