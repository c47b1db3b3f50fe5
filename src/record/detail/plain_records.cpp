#include "record/detail/plain_records.h"

#include <algorithm>
#include <limits>

#include "record/detail/plain_cursor.h"

namespace barnabas::record::detail {

std::optional<plain_records> read_plain_records(batch_view batch, bool needs_keys) {
  plain_records found{std::numeric_limits<std::int64_t>::max(),
                      std::numeric_limits<std::int64_t>::min()};
  plain_cursor in(batch.payload());
  bool is_right = true;
  for (std::int32_t i = 0; i < batch.record_count() && is_right; ++i) {
    const std::int64_t length = in.varint(varint_max_bytes);
    const std::byte* const begin = in.position();
    in.skip(1);  // attributes
    // Wraps as Java's sum does.
    const auto timestamp =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(batch.base_timestamp()) +
                                  static_cast<std::uint64_t>(in.varint(varlong_max_bytes)));
    const bool is_in_order = in.varint(varint_max_bytes) == i;
    const bool has_key = in.skip_nullable() >= 0;
    in.skip_nullable();
    in.skip_headers(in.varint(varint_max_bytes));
    found.smallest_timestamp = std::min(found.smallest_timestamp, timestamp);
    found.largest_timestamp = std::max(found.largest_timestamp, timestamp);
    is_right =
        in.is_good() && is_in_order && (has_key || !needs_keys) && in.position() - begin == length;
  }
  return is_right && in.position() == in.end() ? std::optional(found) : std::nullopt;
}

}  // namespace barnabas::record::detail
