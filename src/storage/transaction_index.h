// The transaction index of a segment: the aborted transactions whose marker it holds, by that
// marker's offset.
//   file  = entry*
//   entry = version:int16=0 producer_id:int64 first_offset:int64 last_offset:int64
//   last_stable_offset:int64
// last_offset is the marker's; last_stable_offset is where readers could read to once the marker
// was there.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "storage/aborted_transaction.h"

namespace barnabas::storage {

struct transaction_index_entry {
  static constexpr std::size_t encoded_bytes = 34;

  std::int64_t producer_id = 0;
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;
  std::int64_t last_stable_offset = 0;

  void encode(std::byte* to) const;
  static transaction_index_entry decode(const std::byte* from);
  bool operator==(const transaction_index_entry&) const = default;
};

// Gathers the aborted transactions that a reader of [start_offset, upper_offset) must know. Entries
// are offered from the reader's segment on in order; take() returns true when later ones cannot
// matter.
struct aborted_transaction_collector {
  std::int64_t start_offset = 0;
  std::int64_t upper_offset = 0;
  std::vector<aborted_transaction> found;

  bool take(const transaction_index_entry& entry);
  // All entries of an index's bytes; a rest that is no whole entry is ignored.
  bool take_all(bytes_view index);
};

}  // namespace barnabas::storage
