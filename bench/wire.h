// Reading and writing of Kafka's wire format, just enough for the benchmark programs: they build
// their own bytes so that what they cost does not depend on the broker's code. A reader that runs
// off the end turns bad() and reads zeros from then on; it never leaves its bytes.
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/endian.h"

namespace barnabas::bench {

class wire_reader {
 public:
  explicit wire_reader(bytes_view bytes) : bytes_(bytes) {}

  std::int16_t int16() { return number<std::int16_t>(); }
  std::int32_t int32() { return number<std::int32_t>(); }
  std::int64_t int64() { return number<std::int64_t>(); }
  std::uint32_t unsigned_varint() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto byte = std::to_integer<std::uint32_t>(number<std::byte>());
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) {
        return value;
      }
    }
    bad_ = true;
    return 0;
  }
  // The elements or bytes that a compact length announces; 0 for null.
  std::uint32_t compact_length() {
    const std::uint32_t value = unsigned_varint();
    return value == 0 ? 0 : value - 1;
  }
  bytes_view take(std::size_t size) {
    if (size > bytes_.size() - at_) {
      bad_ = true;
      return {};
    }
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }
  bytes_view compact_bytes() { return take(compact_length()); }
  bytes_view string() {
    const std::int16_t size = int16();
    return size <= 0 ? bytes_view{} : take(static_cast<std::size_t>(size));
  }
  // Tagged fields: each a tag, a size and bytes.
  void skip_tags() {
    for (std::uint32_t left = unsigned_varint(); left > 0 && !bad_; --left) {
      unsigned_varint();
      take(unsigned_varint());
    }
  }

  std::size_t position() const { return at_; }
  bool bad() const { return bad_; }

 private:
  template <class T>
  T number() {
    const bytes_view here = take(sizeof(T));
    if (here.empty()) {
      return T{};
    }
    if constexpr (std::is_same_v<T, std::byte>) {
      return here[0];
    } else {
      return load_big_endian<T>(here.data());
    }
  }

  bytes_view bytes_;
  std::size_t at_ = 0;
  bool bad_ = false;
};

class wire_writer {
 public:
  wire_writer& int8(std::int8_t value) { return number(value); }
  wire_writer& int16(std::int16_t value) { return number(value); }
  wire_writer& int32(std::int32_t value) { return number(value); }
  wire_writer& int64(std::int64_t value) { return number(value); }
  wire_writer& unsigned_varint(std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) {
      number(static_cast<std::int8_t>(value | 0x80));
    }
    return number(static_cast<std::int8_t>(value));
  }
  wire_writer& varint(std::int32_t value) {
    return unsigned_varint((static_cast<std::uint32_t>(value) << 1) ^
                           static_cast<std::uint32_t>(value >> 31));
  }
  wire_writer& raw(bytes_view bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  wire_writer& string(std::string_view text) {
    return int16(static_cast<std::int16_t>(text.size())).raw(as_bytes(text));
  }
  wire_writer& compact_string(std::string_view text) {
    return unsigned_varint(static_cast<std::uint32_t>(text.size()) + 1).raw(as_bytes(text));
  }

  std::size_t size() const { return bytes_.size(); }
  std::byte* at(std::size_t position) { return bytes_.data() + position; }
  void clear() { bytes_.clear(); }
  bytes_view view() const { return bytes_; }
  // A request or response gets its length, which does not count itself, in the first four bytes.
  void seal_frame(std::size_t start = 0) {
    store_big_endian(at(start), static_cast<std::int32_t>(bytes_.size() - start - 4));
  }

 private:
  template <class T>
  wire_writer& number(T value) {
    const std::size_t position = bytes_.size();
    bytes_.resize(position + sizeof(T));
    store_big_endian(bytes_.data() + position, value);
    return *this;
  }

  std::vector<std::byte> bytes_;
};

}  // namespace barnabas::bench
