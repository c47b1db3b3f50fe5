#include "broker/java_hash.h"

#include <limits>

namespace barnabas::broker {
namespace {

constexpr std::uint32_t replacement_character = 0xfffd;
constexpr std::uint32_t first_supplementary = 0x10000;

// How many bytes a character has by its first one, and the bits of it that count; 0: none begins
// so.
struct leading_byte {
  std::size_t size = 0;
  std::uint32_t bits = 0;
};

leading_byte read_leading(unsigned char byte) {
  if (byte < 0x80) {
    return {1, byte};
  }
  if (byte >= 0xc2 && byte < 0xe0) {
    return {2, byte & 0x1fu};
  }
  if (byte >= 0xe0 && byte < 0xf0) {
    return {3, byte & 0x0fu};
  }
  if (byte >= 0xf0 && byte < 0xf5) {
    return {4, byte & 0x07u};
  }
  return {};
}

bool is_valid(std::uint32_t character, std::size_t size) {
  const bool is_surrogate = character >= 0xd800 && character < 0xe000;
  return !is_surrogate && character <= 0x10ffff && (size < 3 || character >= 0x800) &&
         (size < 4 || character >= first_supplementary);
}

// Takes the first character of `text` off it.
std::uint32_t take_character(std::string_view& text) {
  const auto [size, bits] = read_leading(static_cast<unsigned char>(text.front()));
  std::uint32_t character = bits;
  bool is_whole = size != 0 && size <= text.size();
  for (std::size_t i = 1; is_whole && i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    is_whole = (byte & 0xc0) == 0x80;
    character = character << 6 | (byte & 0x3fu);
  }
  if (!is_whole || !is_valid(character, size)) {
    text.remove_prefix(1);
    return replacement_character;
  }
  text.remove_prefix(size);
  return character;
}

}  // namespace

std::int32_t java_hash(std::string_view utf8) {
  std::uint32_t hash = 0;
  while (!utf8.empty()) {
    const std::uint32_t character = take_character(utf8);
    if (character < first_supplementary) {
      hash = hash * 31 + character;
    } else {
      const std::uint32_t above = character - first_supplementary;
      hash = hash * 31 + (0xd800 + (above >> 10));
      hash = hash * 31 + (0xdc00 + (above & 0x3ff));
    }
  }
  return static_cast<std::int32_t>(hash);
}

std::int32_t partition_of_key(std::string_view key, std::int32_t partitions) {
  const std::int32_t hash = java_hash(key);
  if (hash == std::numeric_limits<std::int32_t>::min()) {
    return 0;
  }
  return (hash < 0 ? -hash : hash) % partitions;
}

}  // namespace barnabas::broker
