// The time index of a segment: sparse entries from the largest timestamp so far to the offset of a
// record that has it.
//   file  = entry*        entry = timestamp:int64 relative_offset:int32          (big-endian;
//   relative to the base offset)
// Timestamps and offsets grow from entry to entry. After a crash of Kafka zeros may follow; they
// are not entries.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace barnabas::storage {

struct time_index_entry {
  static constexpr std::size_t encoded_bytes = 12;

  std::int64_t timestamp = 0;
  std::int32_t relative_offset = 0;

  void encode(std::byte* to) const;
  static time_index_entry decode(const std::byte* from);
  bool is_blank() const { return timestamp == 0 && relative_offset == 0; }
};

// The last entry whose timestamp is not above `timestamp`, in the bytes of a time index.
std::optional<time_index_entry> find_time(bytes_view index, std::int64_t timestamp);

}  // namespace barnabas::storage
