// A 128-bit id as Kafka writes it: 16 bytes on the wire, 22 characters of unpadded URL-safe base64
// as text (RFC 4648 section 5). All zeros means "none".
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace barnabas {

struct uuid {
  std::array<std::byte, 16> bytes{};

  // A version 4 id (RFC 9562) made of 128 random bits.
  static uuid from_random(std::uint64_t high, std::uint64_t low);
  // Nothing when the text is not 22 characters of that alphabet.
  static std::optional<uuid> parse(std::string_view text);
  std::string to_string() const;
  bool is_zero() const { return *this == uuid{}; }

  auto operator<=>(const uuid&) const = default;
};

}  // namespace barnabas

template <>
struct std::hash<barnabas::uuid> {
  std::size_t operator()(const barnabas::uuid& id) const noexcept;
};
