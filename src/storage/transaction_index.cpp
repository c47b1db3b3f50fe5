#include "storage/transaction_index.h"

#include "base/endian.h"

namespace barnabas::storage {

void transaction_index_entry::encode(std::byte* to) const {
  store_big_endian(to, std::int16_t{0});
  store_big_endian(to + 2, producer_id);
  store_big_endian(to + 10, first_offset);
  store_big_endian(to + 18, last_offset);
  store_big_endian(to + 26, last_stable_offset);
}

transaction_index_entry transaction_index_entry::decode(const std::byte* from) {
  return {.producer_id = load_big_endian<std::int64_t>(from + 2),
          .first_offset = load_big_endian<std::int64_t>(from + 10),
          .last_offset = load_big_endian<std::int64_t>(from + 18),
          .last_stable_offset = load_big_endian<std::int64_t>(from + 26)};
}

bool aborted_transaction_collector::take(const transaction_index_entry& entry) {
  if (entry.last_offset >= start_offset && entry.first_offset < upper_offset) {
    found.push_back({entry.producer_id, entry.first_offset});
  }
  return entry.last_stable_offset >= upper_offset;
}

bool aborted_transaction_collector::take_all(bytes_view index) {
  for (std::size_t at = 0; at + transaction_index_entry::encoded_bytes <= index.size();
       at += transaction_index_entry::encoded_bytes) {
    if (take(transaction_index_entry::decode(index.data() + at))) {
      return true;
    }
  }
  return false;
}

}  // namespace barnabas::storage
