// What the tests of this room share: files of tests/data/record, batches to begin with, bytes to
// damage.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "record/batch_builder.h"
#include "record/batch_view.h"

namespace barnabas::record::tests {

inline constexpr compression_type all_compressions[] = {
    compression_type::none, compression_type::gzip, compression_type::snappy, compression_type::lz4,
    compression_type::zstd};
inline constexpr std::int64_t test_now_ms = 1'700'000'000'000;

inline std::string text_of(const std::optional<bytes_view>& bytes) {
  return bytes ? std::string(as_text(*bytes)) : "(null)";
}

// `count` records 10 ms apart: null and empty keys and values and headers among them.
inline std::vector<std::byte> sample_batch(batch_settings settings, int count = 5) {
  batch_builder builder(settings);
  const std::string long_value(300, 'v');
  const record_header headers[] = {
      {"kind", as_bytes("sample")}, {"", std::nullopt}, {"empty", bytes_view{}}};
  for (int i = 0; i < count; ++i) {
    const std::string key = "key-" + std::to_string(i);
    new_record record{
        .timestamp = test_now_ms + i * 10, .key = as_bytes(key), .value = as_bytes(long_value)};
    if (i % 4 == 1) {
      record.value = std::nullopt;
      record.headers = headers;
    } else if (i % 4 == 2) {
      record.value = bytes_view{};
    }
    builder.append(record);
  }
  return builder.build();
}

inline batch_settings with_compression(compression_type type) {
  return {.compression = {.type = type}};
}

// Each byte behind the header changed in several ways, one at a time; `check` hears which.
inline void for_each_changed_byte(
    const std::vector<std::byte>& good,
    const std::function<void(std::vector<std::byte> bytes, const std::string& what)>& check) {
  for (std::size_t i = batch_header_bytes; i < good.size(); ++i) {
    for (const unsigned change : {0x01u, 0x02u, 0x10u, 0x7fu, 0x80u, 0xffu}) {
      auto bytes = good;
      bytes[i] ^= static_cast<std::byte>(change);
      check(bytes, "byte " + std::to_string(i) + " by " + std::to_string(change));
    }
  }
}

// Makes a batch of which bytes were changed pass the CRC again.
inline void repair_crc(std::vector<std::byte>& batch) {
  store_big_endian(batch.data() + at::crc, batch_view::parse(batch)->computed_crc());
}

}  // namespace barnabas::record::tests
