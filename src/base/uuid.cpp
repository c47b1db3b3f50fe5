#include "base/uuid.h"

#include <cstring>

#include "base/endian.h"

namespace barnabas {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

uuid uuid::from_random(std::uint64_t high, std::uint64_t low) {
  high = (high & ~0xf000ull) | 0x4000ull;
  low = (low & ~(0xc0ull << 56)) | (0x80ull << 56);
  uuid id;
  store_big_endian(id.bytes.data(), high);
  store_big_endian(id.bytes.data() + 8, low);
  return id;
}

std::optional<uuid> uuid::parse(std::string_view text) {
  if (text.size() != 22) {
    return std::nullopt;
  }
  uuid id;
  std::uint32_t bits = 0;
  int bit_count = 0;
  std::size_t at = 0;
  for (const char c : text) {
    const std::size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    bit_count += 6;
    if (bit_count >= 8 && at < id.bytes.size()) {
      bit_count -= 8;
      id.bytes[at++] = static_cast<std::byte>(bits >> bit_count);
    }
  }
  return id;
}

std::string uuid::to_string() const {
  std::string text;
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const std::byte byte : bytes) {
    bits = bits << 8 | std::to_integer<std::uint32_t>(byte);
    bit_count += 8;
    while (bit_count >= 6) {
      bit_count -= 6;
      text += alphabet[bits >> bit_count & 63];
    }
  }
  text += alphabet[bits << (6 - bit_count) & 63];
  return text;
}

}  // namespace barnabas

std::size_t std::hash<barnabas::uuid>::operator()(const barnabas::uuid& id) const noexcept {
  std::size_t low;
  std::memcpy(&low, id.bytes.data() + 8, sizeof low);
  return low;
}
