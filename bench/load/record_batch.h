// A record batch of magic 2 with equal records: what every request of a run carries.
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
};

}  // namespace barnabas::bench
