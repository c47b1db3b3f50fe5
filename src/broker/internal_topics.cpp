#include "broker/internal_topics.h"

#include <algorithm>

#include "broker/log_options.h"

namespace barnabas::broker {
namespace {

constexpr std::int64_t default_partitions = 50;
constexpr std::int64_t default_replicas = 3;
constexpr std::int64_t default_segment_bytes = 104'857'600;

}  // namespace

cluster::new_topic offsets_topic(const server_config& config, const cluster::image& image) {
  const auto live = static_cast<std::int64_t>(image.brokers->size());
  const std::int64_t replicas = number_setting(config, "offsets.topic.replication.factor",
                                               std::clamp<std::int64_t>(live, 1, default_replicas));
  const std::int64_t segment_bytes =
      number_setting(config, "offsets.topic.segment.bytes", default_segment_bytes);
  cluster::new_topic topic;
  topic.name = offsets_topic_name;
  topic.partitions = static_cast<std::int32_t>(
      number_setting(config, "offsets.topic.num.partitions", default_partitions));
  topic.replication_factor = static_cast<std::int16_t>(replicas);
  topic.configs = {{"cleanup.policy", "compact"},
                   {"compression.type", "producer"},
                   {"segment.bytes", std::to_string(segment_bytes)}};
  return topic;
}

coordinator_log::rules offsets_topic_rules(const server_config& config) {
  const auto type = static_cast<record::compression_type>(
      number_setting(config, "offsets.topic.compression.codec", 0));
  return {static_cast<replica::acknowledgement>(config.acknowledge),
          {type, record::levels_of(type).standard}};
}

}  // namespace barnabas::broker
