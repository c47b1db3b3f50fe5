// What a log keeps in memory of each of its segments; the segment that is written to has more
// (segment_writer.h). A plain value on the log's shard. A segment below the active one never
// changes, but for truncation.
#pragma once

#include <cstdint>

#include "record/batch_format.h"

namespace barnabas::storage {

struct segment {
  std::int64_t base_offset = 0;
  std::int64_t size_bytes = 0;
  // The largest timestamp and an offset that has it (the last one of its batch); no_timestamp when
  // there is none.
  std::int64_t max_timestamp = record::no_timestamp;
  std::int64_t offset_of_max_timestamp = -1;
  // When it was made or, after a restart, opened: the age of a segment whose records have no
  // timestamps.
  std::int64_t created_ms = 0;
  bool has_transaction_index = false;

  // For retention.ms.
  std::int64_t largest_timestamp() const { return max_timestamp >= 0 ? max_timestamp : created_ms; }
};

}  // namespace barnabas::storage
