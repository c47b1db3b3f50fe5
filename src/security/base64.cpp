#include "security/base64.h"

#include <cstdint>

namespace barnabas::security {
namespace {

constexpr std::string_view standard_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, std::string_view digits) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char each : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(each);
    for (held += 8; held >= 6; held -= 6) {
      text += digits[bits >> (held - 6) & 63];
    }
  }
  if (held > 0) {
    text += digits[bits << (6 - held) & 63];
  }
  return text;
}

std::optional<std::string> decode(std::string_view text, std::string_view digits) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char each : text) {
    const std::size_t digit = digits.find(each);
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if (held += 6; held >= 8) {
      held -= 8;
      bytes += static_cast<char>(bits >> held & 0xFF);
    }
  }
  // Only whole bytes, and only bits that say something.
  return encode(bytes, digits) == text ? std::optional(bytes) : std::nullopt;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text = encode(bytes, standard_digits);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string to_base64_url(std::string_view bytes) {
  return encode(bytes, url_digits);
}

std::optional<std::string> from_base64(std::string_view text) {
  const auto bytes = decode(text.substr(0, text.find_last_not_of('=') + 1), standard_digits);
  // No more padding than is needed.
  return bytes && to_base64(*bytes) == text ? bytes : std::nullopt;
}

std::optional<std::string> from_base64_url(std::string_view text) {
  return decode(text, url_digits);
}

}  // namespace barnabas::security
