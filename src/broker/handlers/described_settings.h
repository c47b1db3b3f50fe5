// What DescribeConfigs says about settings, and the answer of CreateTopics: the value, where it
// comes from, and under which other names it could have been set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/setting_sources.h"

namespace barnabas::broker::handlers {

struct described_setting {
  std::string name;
  std::optional<std::string> value;  // nothing when unset or sensitive
  setting_source source = setting_source::standard;
  std::int8_t type = 0;  // a config_type, 0 when not known
  bool is_read_only = false;
  bool is_sensitive = false;              // then no synonym has a value
  std::string_view documentation;         // of the table
  std::vector<setting_synonym> synonyms;  // the strongest first
};

std::vector<described_setting> describe_topic(const cluster::overrides& topic,
                                              const broker_settings& broker);
// Those of the table, and what else was set: of listeners, or nobody knows.
std::vector<described_setting> describe_broker(const broker_settings& broker);
// Only the dynamic settings of all brokers.
std::vector<described_setting> describe_all_brokers(const broker_settings& broker);
std::vector<described_setting> describe_group(const cluster::overrides& group,
                                              const broker_settings& broker);
// Levels by their names in Kafka (KIP-412).
std::vector<described_setting> describe_loggers();

}  // namespace barnabas::broker::handlers
