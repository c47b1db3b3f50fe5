#include "client/partitioner.h"

#include <zlib.h>

#include <array>
#include <cstring>

namespace barnabas::client {
namespace {

struct named_kind {
  std::string_view name;
  partitioner_kind kind;
};
constexpr std::array<named_kind, 8> kinds{{
    {"random", partitioner_kind::random},
    {"consistent", partitioner_kind::consistent},
    {"consistent_random", partitioner_kind::consistent_random},
    {"murmur2", partitioner_kind::murmur2},
    {"murmur2_random", partitioner_kind::murmur2_random},
    {"fnv1a", partitioner_kind::fnv1a},
    {"fnv1a_random", partitioner_kind::fnv1a_random},
    {"sticky", partitioner_kind::sticky},
}};

std::uint32_t crc32_of(bytes_view key) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(key.data()), static_cast<uInt>(key.size())));
}

}  // namespace

std::optional<partitioner_kind> partitioner_from_text(std::string_view name) {
  for (const named_kind& each : kinds) {
    if (each.name == name) {
      return each.kind;
    }
  }
  return std::nullopt;
}

// MurmurHash2 with 32 bits and the seed that Java's client uses.
std::uint32_t murmur2(bytes_view key) {
  constexpr std::uint32_t seed = 0x9747b28c;
  constexpr std::uint32_t factor = 0x5bd1e995;
  constexpr int shift = 24;
  std::uint32_t hash = seed ^ static_cast<std::uint32_t>(key.size());
  while (key.size() >= sizeof(std::uint32_t)) {
    std::uint32_t word = 0;
    std::memcpy(&word, key.data(), sizeof(word));
    word *= factor;
    word ^= word >> shift;
    hash = (hash * factor) ^ (word * factor);
    key = key.subspan(sizeof(word));
  }
  for (std::size_t i = key.size(); i > 0; --i) {
    hash ^= std::to_integer<std::uint32_t>(key[i - 1]) << (8 * (i - 1));
  }
  if (!key.empty()) {
    hash *= factor;
  }
  hash ^= hash >> 13;
  hash *= factor;
  return hash ^ (hash >> 15);
}

// FNV-1a with 32 bits, its absolute value as a signed number (sarama's, which
// librdkafka follows).
std::uint32_t fnv1a(bytes_view key) {
  std::uint32_t hash = 0x811c9dc5;
  for (const std::byte each : key) {
    hash = (hash ^ std::to_integer<std::uint32_t>(each)) * 0x01000193;
  }
  return hash > 0x7fffffff ? 0U - hash : hash;
}

std::optional<std::int32_t> partition_of_key(partitioner_kind kind, std::optional<bytes_view> key,
                                             std::int32_t partitions) {
  const bytes_view bytes = key.value_or(bytes_view());
  std::uint32_t hash = 0;
  switch (kind) {
    case partitioner_kind::random:
    case partitioner_kind::sticky:
      return std::nullopt;
    case partitioner_kind::consistent_random:
      if (bytes.empty()) {
        return std::nullopt;
      }
      [[fallthrough]];
    case partitioner_kind::consistent:
      hash = crc32_of(bytes);
      break;
    case partitioner_kind::murmur2_random:
      if (!key) {
        return std::nullopt;
      }
      [[fallthrough]];
    case partitioner_kind::murmur2:
      hash = murmur2(bytes) & 0x7fffffff;
      break;
    case partitioner_kind::fnv1a_random:
      if (!key) {
        return std::nullopt;
      }
      [[fallthrough]];
    case partitioner_kind::fnv1a:
      hash = fnv1a(bytes);
      break;
  }
  return static_cast<std::int32_t>(hash % static_cast<std::uint32_t>(partitions));
}

}  // namespace barnabas::client
