// An aborted transaction as Fetch answers it to read_committed readers: they leave out the
// producer's batches from first_offset up to its abort marker.
#pragma once

#include <cstdint>

namespace barnabas::storage {

struct aborted_transaction {
  std::int64_t producer_id = 0;
  std::int64_t first_offset = 0;
  bool operator==(const aborted_transaction&) const = default;
};

}  // namespace barnabas::storage
