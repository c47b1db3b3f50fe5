#include "frame/json_text.h"

#include <cstdint>

#include "protocol/json.h"

namespace barnabas::app {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// Bytes of the code point that the text begins with, 0 when it is none (RFC 3629).
std::size_t code_point_bytes(std::string_view text) {
  const auto byte_at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte_at(0);
  if (first < 0x80) {
    return 1;
  }
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) {
    return 0;
  }
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte_at(i) & 0xc0U) != 0x80) {
      return 0;
    }
  }
  const unsigned char second = byte_at(1);
  const bool is_too_long = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool is_no_character = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  return is_too_long || is_no_character ? 0 : size;
}

template <class Refuses>
std::string replaced(std::string_view text, Refuses refuses) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t size = code_point_bytes(text);
    const std::string_view one = text.substr(0, size == 0 ? 1 : size);
    clean += size == 0 || refuses(one.front()) ? replacement : one;
    text.remove_prefix(one.size());
  }
  return clean;
}

int digit_value(char digit) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t found = digits.find(digit);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = code_point_bytes(text);
    if (size == 0) {
      return false;
    }
    text.remove_prefix(size);
  }
  return true;
}

std::string json_of(std::string_view text) {
  std::string quoted;
  protocol::append_json_string(
      quoted, is_utf8(text) ? text : std::string_view(replaced(text, [](char) { return false; })));
  return quoted;
}

std::string printable(std::string_view text) {
  return replaced(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void append_bytes_member(std::string& to, std::string_view name,
                         const std::optional<std::string_view>& bytes) {
  to.append("\"").append(name);
  if (!bytes) {
    to += "\":null";
  } else if (is_utf8(*bytes)) {
    to += "\":";
    protocol::append_json_string(to, *bytes);
  } else {
    to += "_base64\":\"";
    protocol::append_base64(to, as_bytes(*bytes));
    to += '"';
  }
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string bytes;
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char digit : text.substr(0, text.size() - padding)) {
    const int value = digit_value(digit);
    if (value < 0) {
      return std::nullopt;
    }
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes += static_cast<char>(bits >> bit_count & 0xff);
    }
  }
  return bytes;
}

}  // namespace barnabas::app
