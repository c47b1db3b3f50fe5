// Reads forward through the records of a batch without compression. Once something is wrong it
// stays so, and every value is 0. Inline, for it runs several times a record.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/varint.h"

namespace barnabas::record::detail {

inline constexpr std::size_t varint_max_bytes = 5;
inline constexpr std::size_t varlong_max_bytes = 10;

class plain_cursor {
 public:
  explicit plain_cursor(bytes_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool is_good() const { return is_good_; }
  void fail() { is_good_ = false; }
  const std::byte* position() const { return at_; }
  const std::byte* end() const { return end_; }

  [[gnu::always_inline]] std::int64_t varint(std::size_t most_bytes) {
    if (at_ != end_ && std::to_integer<unsigned>(*at_) < 0x80) {
      return unzigzag(std::to_integer<std::uint64_t>(*at_++));
    }
    if (end_ - at_ >= 2 && std::to_integer<unsigned>(at_[1]) < 0x80) {
      const auto low = std::to_integer<std::uint64_t>(at_[0]) & 0x7f;
      const auto high = std::to_integer<std::uint64_t>(at_[1]) << 7;
      at_ += 2;
      return unzigzag(low | high);
    }
    return long_varint(most_bytes);
  }
  [[gnu::always_inline]] void skip(std::int64_t bytes) {
    if (bytes < 0 || bytes > end_ - at_) {
      fail();
    } else {
      at_ += bytes;
    }
  }
  // A length and so many bytes; -1 is null. Returns the length.
  [[gnu::always_inline]] std::int64_t skip_nullable() {
    const std::int64_t length = varint(varint_max_bytes);
    if (length != -1) {
      skip(length);
    }
    return length;
  }
  [[gnu::always_inline]] std::optional<bytes_view> nullable() {
    const std::int64_t length = skip_nullable();
    return length < 0 || !is_good_
               ? std::nullopt
               : std::optional(bytes_view(at_ - length, static_cast<std::size_t>(length)));
  }
  // Steps over so many headers of a record.
  [[gnu::always_inline]] void skip_headers(std::int64_t count) {
    if (count != 0) {
      skip_some_headers(count);
    }
  }

 private:
  [[gnu::noinline]] void skip_some_headers(std::int64_t count) {
    if (count < 0) {
      fail();
    }
    for (; count > 0 && is_good_; --count) {
      skip(varint(varint_max_bytes));
      skip_nullable();
    }
  }
  [[gnu::noinline]] std::int64_t long_varint(std::size_t most_bytes) {
    std::int64_t value = 0;
    const std::size_t taken =
        read_varint({at_, static_cast<std::size_t>(end_ - at_)}, value, most_bytes);
    if (taken == 0) {
      fail();
      return 0;
    }
    at_ += taken;
    return value;
  }

  const std::byte* at_;
  const std::byte* end_;
  bool is_good_ = true;
};

}  // namespace barnabas::record::detail
