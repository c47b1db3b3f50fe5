#include "storage/offset_index.h"

#include "base/endian.h"
#include "storage/index_bytes.h"

namespace barnabas::storage {

namespace {

// Around the first entry for which `is_before`, which must hold up to some entry, does not.
template <class IsBefore>
batch_bounds positions_around(bytes_view index, IsBefore is_before) {
  const std::size_t total = count_entries<offset_index_entry>(index);
  const std::size_t count = count_entries_while<offset_index_entry>(index, total, is_before);
  const auto position_at = [&](std::size_t at) {
    return std::int64_t{entry_at<offset_index_entry>(index, at).position};
  };
  return {.first = count == 0 ? 0 : position_at(count - 1),
          .last = count == total ? -1 : position_at(count)};
}

}  // namespace

void offset_index_entry::encode(std::byte* to) const {
  store_big_endian(to, relative_offset);
  store_big_endian(to + 4, position);
}

offset_index_entry offset_index_entry::decode(const std::byte* from) {
  return {load_big_endian<std::int32_t>(from), load_big_endian<std::int32_t>(from + 4)};
}

batch_bounds find_offset(bytes_view index, std::int64_t relative_offset) {
  return positions_around(index, [&](const offset_index_entry& entry) {
    return entry.relative_offset <= relative_offset;
  });
}

batch_bounds find_starts(bytes_view index, std::int64_t position) {
  return positions_around(
      index, [&](const offset_index_entry& entry) { return entry.position <= position; });
}

std::optional<offset_index_entry> find_position(bytes_view index, std::int64_t position) {
  const std::size_t total = count_entries<offset_index_entry>(index);
  const std::size_t count = count_entries_while<offset_index_entry>(
      index, total, [&](const offset_index_entry& entry) { return entry.position < position; });
  return count == total ? std::nullopt : std::optional(entry_at<offset_index_entry>(index, count));
}

}  // namespace barnabas::storage
