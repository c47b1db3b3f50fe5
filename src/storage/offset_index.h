// The offset index of a segment: sparse entries from the last offset of a batch to where the batch
// begins.
//   file  = entry*
//   entry = relative_offset:int32 position:int32        (big-endian; relative to the segment's base
//   offset)
// Both grow from entry to entry, and the first entry's offset is above 0, for the batches of the
// first index.interval.bytes have none. After a crash of Kafka zeros may follow; they are not
// entries.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace barnabas::storage {

struct offset_index_entry {
  static constexpr std::size_t encoded_bytes = 8;

  std::int32_t relative_offset = 0;
  std::int32_t position = 0;

  void encode(std::byte* to) const;
  static offset_index_entry decode(const std::byte* from);
  bool is_blank() const { return relative_offset == 0; }
};

// Positions between which the batch begins that holds an offset, both included.
struct batch_bounds {
  std::int64_t first = 0;
  std::int64_t last = -1;  // -1: not known
};

// Of the last entry whose offset is not above `relative_offset`, and of the one behind it.
batch_bounds find_offset(bytes_view index, std::int64_t relative_offset);
// The positions of the last entry that is not above `position`, and of the one behind it: batches
// begin at both.
batch_bounds find_starts(bytes_view index, std::int64_t position);
// The first entry whose position is not below `position`.
std::optional<offset_index_entry> find_position(bytes_view index, std::int64_t position);

}  // namespace barnabas::storage
