// Writes one record of a batch of magic 2 (grammar in batch_format.h) to a place with room for it.
// Inline, for it runs once for each record that is produced.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/bytes.h"
#include "base/varint.h"

namespace barnabas::record {

namespace detail {

inline std::int64_t size_of(const std::optional<bytes_view>& value) {
  return value ? static_cast<std::int64_t>(value->size()) : -1;
}
// With its length before it.
inline std::size_t nullable_bytes(const std::optional<bytes_view>& value) {
  return varint_size(size_of(value)) + (value ? value->size() : 0);
}
inline std::byte* write_bytes(std::byte* at, bytes_view bytes) {
  if (!bytes.empty()) {
    std::memcpy(at, bytes.data(), bytes.size());
  }
  return at + bytes.size();
}
inline std::byte* write_nullable(std::byte* at, const std::optional<bytes_view>& value) {
  at = write_varint(at, size_of(value));
  return value ? write_bytes(at, *value) : at;
}

}  // namespace detail

// A record as it stands in its batch. `headers` are encoded: key and value of each, with their
// lengths.
struct encoded_record {
  std::int64_t timestamp_delta = 0;
  std::int64_t offset_delta = 0;
  std::optional<bytes_view> key;
  std::optional<bytes_view> value;
  std::int32_t header_count = 0;
  bytes_view headers;

  // Without the length before it.
  std::size_t body_bytes() const {
    return sizeof(std::int8_t) + varint_size(timestamp_delta) + varint_size(offset_delta) +
           detail::nullable_bytes(key) + detail::nullable_bytes(value) + varint_size(header_count) +
           headers.size();
  }
  // Returns the first byte after it: varint_size(body) + body bytes further.
  std::byte* write(std::byte* at, std::size_t body) const {
    at = write_varint(at, static_cast<std::int64_t>(body));
    *at++ = std::byte{0};
    at = write_varint(at, timestamp_delta);
    at = write_varint(at, offset_delta);
    at = detail::write_nullable(at, key);
    at = detail::write_nullable(at, value);
    at = write_varint(at, header_count);
    return detail::write_bytes(at, headers);
  }
  // The same, to add(bytes_view), which is called with each piece in order.
  template <class Add>
  void write_pieces(std::size_t body, Add add) const {
    std::array<std::byte, most_fixed_bytes> fixed;
    std::byte* at = write_varint(fixed.data(), static_cast<std::int64_t>(body));
    *at++ = std::byte{0};
    at = write_varint(at, timestamp_delta);
    at = write_varint(at, offset_delta);
    for (const auto& each : {key, value}) {
      at = write_varint(at, detail::size_of(each));
      add(bytes_view(fixed.data(), at));
      add(each.value_or(bytes_view()));
      at = fixed.data();
    }
    add(bytes_view(fixed.data(), write_varint(at, header_count)));
    add(headers);
  }
  // Of a record but key, value and headers: lengths, deltas, attributes.
  static constexpr std::size_t most_fixed_bytes = 5 + 1 + 10 + 5 + 5 + 5 + 5;
};

}  // namespace barnabas::record
