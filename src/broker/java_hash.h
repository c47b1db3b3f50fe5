// The hash by which Kafka finds the partition of a group, a transactional id or a share group.
#pragma once

#include <cstdint>
#include <string_view>

namespace barnabas::broker {

// Java's String.hashCode() of a UTF-8 text: over its UTF-16 units. Bytes that are not UTF-8 count
// as U+FFFD each.
std::int32_t java_hash(std::string_view utf8);

// Kafka's Utils.abs(hash) % partitions: Integer.MIN_VALUE becomes 0.
std::int32_t partition_of_key(std::string_view key, std::int32_t partitions);

}  // namespace barnabas::broker
