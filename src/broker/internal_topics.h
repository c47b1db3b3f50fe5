// Topics that the broker makes for itself when somebody first needs them, as Kafka 3.9 makes them:
// partitions, replicas and overrides of the settings offsets.topic.*.
#pragma once

#include <cstddef>
#include <string_view>

#include "broker/coordinator_log.h"
#include "broker/server_config.h"
#include "cluster/image.h"
#include "cluster/topics.h"

namespace barnabas::broker {

inline constexpr std::string_view offsets_topic_name = "__consumer_offsets";

// __consumer_offsets. Its replicas are offsets.topic.replication.factor, which is 3; where that is
// not set and fewer brokers live, as many as live, so that one node works without any setting.
cluster::new_topic offsets_topic(const server_config& config, const cluster::image& image);

// How its coordinators write to it.
coordinator_log::rules offsets_topic_rules(const server_config& config);

}  // namespace barnabas::broker
