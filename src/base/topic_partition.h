// The name of a partition, as in "orders-3".
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace barnabas {

struct topic_partition {
  std::string topic;
  std::int32_t partition = 0;

  // The name of its folder in a log directory: topic, '-', partition.
  std::string to_string() const { return topic + '-' + std::to_string(partition); }
  auto operator<=>(const topic_partition&) const = default;
};

}  // namespace barnabas

template <>
struct std::hash<barnabas::topic_partition> {
  std::size_t operator()(const barnabas::topic_partition& p) const noexcept {
    return std::hash<std::string>{}(p.topic) * 31 + static_cast<std::size_t>(p.partition);
  }
};
