// Settings of topics, brokers and what else has some, as the admin client reads and changes them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace barnabas::kafka {

enum class resource_type : std::int8_t {
  topic = 2,
  broker = 4,
  broker_logger = 8,  // the levels of a broker's loggers
  client_metrics = 16,
  group = 32
};
struct resource {
  resource_type type = resource_type::topic;
  std::string name;  // of a broker and its loggers, the broker's id; empty for the default of all

  auto operator<=>(const resource&) const = default;
};

// Where a value was set; the values of DescribeConfigs.
enum class config_source : std::int8_t {
  unknown = 0,
  topic = 1,
  broker = 2,
  brokers_default = 3,
  server_properties = 4,
  standard = 5,
  broker_logger = 6,
  client_metrics = 7,
  group = 8
};
struct config_synonym {
  std::string name;
  std::optional<std::string> value = std::nullopt;
  config_source source = config_source::unknown;
};
struct config_entry {
  std::string name;
  std::optional<std::string> value = std::nullopt;  // nothing when it is sensitive
  bool is_default = false;
  bool is_sensitive = false;
  bool is_read_only = false;
  config_source source = config_source::unknown;
  std::vector<config_synonym> synonyms = {};  // where a value comes from, the first that is set
  std::string documentation = {};
};

enum class config_operation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };
struct config_change {
  std::string name;
  std::optional<std::string> value = std::nullopt;  // nothing takes the setting back
  // `append` and `subtract` change a list, whatever else is in it.
  config_operation operation = config_operation::set;
};

}  // namespace barnabas::kafka
