// Where settings stand, and what one comes to. Everything that asks for a setting, or describes it,
// asks here: its own override (a topic's, a group's), else for each name of the table's row in
// order (the setting itself where it is a broker's, then what it falls back to) the dynamic value
// of this broker, that of all brokers, server.properties; else the default. Views: what they show
// lives as long as the image and the server_config that they were made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config_definition.h"
#include "cluster/image.h"

namespace barnabas::broker {

// The values are those of DescribeConfigs (KIP-226).
enum class setting_source : std::int8_t {
  dynamic_topic = 1,
  dynamic_broker = 2,
  dynamic_default_broker = 3,
  static_broker = 4,
  standard = 5,
  dynamic_logger = 6,
  dynamic_group = 8,
};

// A broker's settings by where they were made, the strongest first. Null where there is none.
struct broker_settings {
  const cluster::overrides* own = nullptr;    // dynamic, of this broker
  const cluster::overrides* all = nullptr;    // dynamic, of all brokers
  const cluster::overrides* given = nullptr;  // server.properties
};
broker_settings settings_of(const cluster::image& image, std::int32_t broker_id,
                            const cluster::overrides& given);

// The value of a row of the broker's table; nothing when nobody set it and it has no default.
std::optional<std::string> resolve(const config_definition& definition,
                                   const broker_settings& broker);
// Of a row of another table: `own` are the overrides of the topic or group.
std::optional<std::string> resolve(const config_definition& definition,
                                   const cluster::overrides& own, const broker_settings& broker);

// A value that stands somewhere under a name for the setting.
struct setting_synonym {
  std::string name;
  std::string value;
  setting_source source = setting_source::standard;
};

// The values that stand under `name` and the names behind it, as Kafka lists them: by source, the
// strongest first; those before the first of `name` itself are not part of it.
std::vector<setting_synonym> synonyms_of(std::string_view name, const broker_settings& broker);

}  // namespace barnabas::broker
