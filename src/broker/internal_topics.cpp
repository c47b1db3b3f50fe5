#include "broker/internal_topics.h"

#include <algorithm>

#include "broker/setting_reader.h"

namespace barnabas::broker {

cluster::new_topic offsets_topic(const server_config& config, const cluster::image& image) {
  const setting_reader in(broker_settings{.given = &config.values});
  constexpr std::string_view replicas_key = "offsets.topic.replication.factor";
  const auto live = static_cast<std::int64_t>(image.brokers->size());
  const std::int64_t wanted = in.number(replicas_key);
  const std::int64_t replicas =
      config.values.contains(replicas_key) ? wanted : std::clamp<std::int64_t>(live, 1, wanted);
  cluster::new_topic topic;
  topic.name = offsets_topic_name;
  topic.partitions = in.number32("offsets.topic.num.partitions");
  topic.replication_factor = static_cast<std::int16_t>(replicas);
  topic.configs = {{"cleanup.policy", "compact"},
                   {"compression.type", "producer"},
                   {"segment.bytes", in.text("offsets.topic.segment.bytes")}};
  return topic;
}

coordinator_log::rules offsets_topic_rules(const server_config& config) {
  const setting_reader in(broker_settings{.given = &config.values});
  const auto type =
      static_cast<record::compression_type>(in.number("offsets.topic.compression.codec"));
  return {static_cast<replica::acknowledgement>(config.acknowledge),
          {type, record::levels_of(type).standard}};
}

}  // namespace barnabas::broker
