// What a group has committed beside where its partitions begin and end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "frame/administrator.h"

namespace barnabas::app {

using offset_map = std::map<kafka::topic_partition, std::int64_t>;

// Offsets that the group has committed; a group that is not there has none.
outcome<offset_map> committed_by(kafka::admin& admin, const std::string& group);
// Of the partitions that are there; `spec` is a time or one of offset_spec.
outcome<offset_map> offsets_at(kafka::admin& admin,
                               const std::vector<kafka::topic_partition>& partitions,
                               std::int64_t spec);

template <class Value>
std::optional<std::int64_t> offset_in(const std::map<kafka::topic_partition, Value>& offsets,
                                      const kafka::topic_partition& partition) {
  const auto found = offsets.find(partition);
  return found == offsets.end() ? std::nullopt : std::optional<std::int64_t>(found->second);
}

}  // namespace barnabas::app
