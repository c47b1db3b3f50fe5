// Variable-length integers of Kafka's protocol: 7 bits a byte, least significant group first, the
// high bit says that more follow. Signed values are zigzag-encoded. 32-bit values take at most 5
// bytes, 64-bit ones 10.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace barnabas {

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

// Bytes that unsigned_varint writes: 1 to 10.
constexpr std::size_t unsigned_varint_size(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}
constexpr std::size_t varint_size(std::int64_t value) {
  return unsigned_varint_size(zigzag(value));
}

// Writes to `at`, which has room; returns the first byte after it.
inline std::byte* write_unsigned_varint(std::byte* at, std::uint64_t value) {
  while (value >= 0x80) {
    *at++ = static_cast<std::byte>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<std::byte>(value);
  return at;
}
inline std::byte* write_varint(std::byte* at, std::int64_t value) {
  return write_unsigned_varint(at, zigzag(value));
}

// Reads one value of at most `max_bytes` bytes (5 for 32-bit, 10 for 64-bit fields). Returns the
// bytes taken, 0 when `from` ends inside the value or it is longer than allowed.
inline std::size_t read_unsigned_varint(bytes_view from, std::uint64_t& value,
                                        std::size_t max_bytes) {
  value = 0;
  for (std::size_t i = 0; i < max_bytes && i < from.size(); ++i) {
    const auto byte = std::to_integer<std::uint64_t>(from[i]);
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      return i + 1;
    }
  }
  return 0;
}
inline std::size_t read_varint(bytes_view from, std::int64_t& value, std::size_t max_bytes) {
  std::uint64_t raw = 0;
  const std::size_t taken = read_unsigned_varint(from, raw, max_bytes);
  value = unzigzag(raw);
  return taken;
}

}  // namespace barnabas
