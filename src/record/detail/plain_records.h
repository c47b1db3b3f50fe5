// A quick look at the records of most batches: not compressed, from a producer, and all right. It
// reads them where they lie and says nothing about what is wrong; that is the record reader's part.
#pragma once

#include <cstdint>
#include <optional>

#include "record/batch_view.h"

namespace barnabas::record::detail {

struct plain_records {
  std::int64_t smallest_timestamp;
  std::int64_t largest_timestamp;
};

// Nothing unless these are exactly the records that the header counts, whole, with the offset
// deltas 0, 1, 2... and, if asked for, a key each. The batch has create time and no compression.
std::optional<plain_records> read_plain_records(batch_view batch, bool needs_keys);

}  // namespace barnabas::record::detail
