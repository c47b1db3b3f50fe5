// A record batch of magic 2: what every request of a run carries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace barnabas::bench {

struct record_batch {
  std::vector<std::byte> bytes;
  std::int32_t records = 0;

  static constexpr std::size_t crc_at = 17;
  static constexpr std::size_t crc_from = 21;
  static constexpr std::size_t producer_id_at = 43;
  static constexpr std::size_t producer_epoch_at = 51;
  static constexpr std::size_t base_sequence_at = 53;
  static constexpr std::size_t header_bytes = 61;

  // As many records with values of `value_bytes` as fit `most_bytes`, at least one. No producer id.
  static record_batch make(std::size_t value_bytes, std::size_t most_bytes);
  // `count` records with keys of 8 bytes: the numbers from `first` on, modulo `keys`.
  static record_batch make_keyed(std::int64_t first, std::int32_t count, std::int64_t keys,
                                 std::size_t value_bytes);
};

}  // namespace barnabas::bench
