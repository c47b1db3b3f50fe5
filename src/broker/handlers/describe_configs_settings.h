// What a topic's and a broker's settings come to, and where each value comes from: the topic's own,
// a broker's dynamic one, that of all brokers, server.properties, the default. For DescribeConfigs
// and the answer of CreateTopics.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config_definition.h"
#include "broker/server_config.h"
#include "cluster/image.h"

namespace barnabas::broker::handlers {

// The values are those of DescribeConfigs (KIP-226).
enum class config_source : std::int8_t {
  dynamic_topic = 1,
  dynamic_broker = 2,
  dynamic_default_broker = 3,
  static_broker = 4,
  standard = 5,
};

struct described_synonym {
  std::string_view name;
  std::optional<std::string> value;
  config_source source = config_source::standard;
};

struct described_setting {
  std::string_view name;  // of the table, or of the image when the table does not know it
  std::optional<std::string> value;  // nothing when unset or sensitive
  config_source source = config_source::standard;
  std::int8_t type = 0;  // a config_type, 0 when not known
  bool is_read_only = false;
  bool is_sensitive = false;
  std::string_view documentation;
  std::vector<described_synonym> synonyms;  // the strongest first
};

// Where a broker's settings stand. Views of an image and of server_config, which outlive it.
struct broker_settings {
  const cluster::overrides* own = nullptr;  // dynamic, of this broker; null when none
  const cluster::overrides* all = nullptr;  // dynamic, of all brokers
  const std::map<std::string, std::string>* given = nullptr;  // server.properties
};
broker_settings settings_of(const cluster::image& image, const server_config& config);

std::vector<described_setting> describe_topic(const cluster::overrides& topic,
                                              const broker_settings& broker);
std::vector<described_setting> describe_broker(const broker_settings& broker);
// Only the dynamic settings of all brokers.
std::vector<described_setting> describe_all_brokers(const broker_settings& broker);

}  // namespace barnabas::broker::handlers
