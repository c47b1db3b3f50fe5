#include "storage/time_index.h"

#include "base/endian.h"
#include "storage/index_bytes.h"

namespace barnabas::storage {

void time_index_entry::encode(std::byte* to) const {
  store_big_endian(to, timestamp);
  store_big_endian(to + 8, relative_offset);
}

time_index_entry time_index_entry::decode(const std::byte* from) {
  return {load_big_endian<std::int64_t>(from), load_big_endian<std::int32_t>(from + 8)};
}

std::optional<time_index_entry> find_time(bytes_view index, std::int64_t timestamp) {
  const std::size_t count = count_entries_while<time_index_entry>(
      index, count_entries<time_index_entry>(index),
      [&](const time_index_entry& entry) { return entry.timestamp <= timestamp; });
  return count == 0 ? std::nullopt : std::optional(entry_at<time_index_entry>(index, count - 1));
}

}  // namespace barnabas::storage
