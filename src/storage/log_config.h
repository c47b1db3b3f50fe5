// What a topic's settings say about its log, under Kafka's names (topic settings, units in the
// name). One object is shared by all partitions of a topic and never changes; a changed setting is
// a new object (log::set_config).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace barnabas::storage {

struct log_config {
  static constexpr std::int64_t unlimited = -1;

  // segment.bytes, segment.ms, segment.jitter.ms, segment.index.bytes, index.interval.bytes
  std::int64_t segment_bytes = std::int64_t{1} << 30;
  std::int64_t segment_ms = std::int64_t{7} * 24 * 3600 * 1000;
  std::int64_t segment_jitter_ms = 0;
  std::int64_t segment_index_bytes = std::int64_t{10} << 20;
  std::int64_t index_interval_bytes = 4096;

  // retention.bytes and retention.ms; `unlimited` keeps everything.
  std::int64_t retention_bytes = unlimited;
  std::int64_t retention_ms = std::int64_t{7} * 24 * 3600 * 1000;
  // cleanup.policy
  bool is_cleanup_delete = true;
  bool is_cleanup_compact = false;

  // Of compaction: min.cleanable.dirty.ratio, min.compaction.lag.ms, max.compaction.lag.ms,
  // delete.retention.ms.
  double min_cleanable_dirty_ratio = 0.5;
  std::int64_t min_compaction_lag_ms = 0;
  std::int64_t max_compaction_lag_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t delete_retention_ms = std::int64_t{24} * 3600 * 1000;

  // file.delete.delay.ms
  std::int64_t file_delete_delay_ms = 60'000;
  // flush.messages and flush.ms: how much may be unflushed at the most.
  std::int64_t flush_messages = std::numeric_limits<std::int64_t>::max();
  std::int64_t flush_ms = std::numeric_limits<std::int64_t>::max();
  // producer.id.expiration.ms, which only the broker has.
  std::int64_t producer_expiration_ms = 86'400'000;
  // preallocate: the whole segment is reserved when it is made.
  bool is_preallocated = false;

  // How old a segment may get: a compacted one must be rolled before it can be compacted.
  std::int64_t max_segment_ms() const {
    return is_cleanup_compact ? std::min(segment_ms, max_compaction_lag_ms) : segment_ms;
  }
};

}  // namespace barnabas::storage
