#include "records/topic_partitions.h"

#include <fmt/format.h>

#include "frame/administrator.h"

namespace barnabas::app {

outcome<std::vector<kafka::topic_partition>> find_partitions(
    const connection_flags& connection, const std::vector<std::string>& names,
    const std::vector<std::int32_t>& wanted_ones) {
  auto admin = open_admin(connection);
  if (!admin) {
    return std::unexpected(admin.error());
  }
  const auto topics = admin->describe_topics(names);
  if (!topics) {
    return fail_with(topics.error());
  }
  std::vector<kafka::topic_partition> found;
  for (const auto& [name, topic] : *topics) {
    if (!topic) {
      return fail_with(topic.error(), "topic " + name + ": ");
    }
    const auto count = static_cast<std::int32_t>(topic->partitions.size());
    for (const std::int32_t wanted : wanted_ones) {
      if (wanted < 0 || wanted >= count) {
        return not_found(
            fmt::format("{} has no partition {}, only 0 to {}", name, wanted, count - 1));
      }
      found.push_back({name, wanted});
    }
    for (std::int32_t all = 0; wanted_ones.empty() && all < count; ++all) {
      found.push_back({name, all});
    }
  }
  return found;
}

}  // namespace barnabas::app
