// Which partition a record goes to by its key, as librdkafka's partitioners of
// the same names and Java's default one do, to the byte. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace barnabas::client {

enum class partitioner_kind : std::uint8_t {
  random,
  consistent,
  consistent_random,
  murmur2,
  murmur2_random,
  fnv1a,
  fnv1a_random,
  sticky,
};

std::optional<partitioner_kind> partitioner_from_text(std::string_view name);

// Nothing when the key does not decide. A null key counts as an empty one where
// it does.
std::optional<std::int32_t> partition_of_key(partitioner_kind kind, std::optional<bytes_view> key,
                                             std::int32_t partitions);

// The hashes below the partitioners.
std::uint32_t murmur2(bytes_view key);
std::uint32_t fnv1a(bytes_view key);

}  // namespace barnabas::client
