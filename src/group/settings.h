// What a broker's settings say about groups and committed offsets, as typed values with Kafka's
// defaults. A value; copied into each machine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace barnabas::group {

struct settings {
  std::int32_t min_session_timeout_ms = 6'000;         // group.min.session.timeout.ms
  std::int32_t max_session_timeout_ms = 1'800'000;     // group.max.session.timeout.ms
  std::int32_t max_size = INT32_MAX;                   // group.max.size, members
  std::int32_t initial_rebalance_delay_ms = 3'000;     // group.initial.rebalance.delay.ms
  std::int32_t offset_metadata_max_bytes = 4'096;      // offset.metadata.max.bytes
  std::int64_t offsets_retention_ms = 604'800'000;     // offsets.retention.minutes
  std::int64_t retention_check_interval_ms = 600'000;  // offsets.retention.check.interval.ms
  std::size_t max_batch_bytes = std::size_t{1} << 20;  // the log's largest batch
};

}  // namespace barnabas::group
