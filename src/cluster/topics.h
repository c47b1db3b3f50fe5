// The controller's requests and answers about topics and settings, as values; the handlers
// translate them from and to messages. Errors carry Kafka's code and a text for the client.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "cluster/image.h"

namespace barnabas::cluster {

struct new_topic {
  std::string name;
  std::int32_t partitions = -1;          // -1: num.partitions
  std::int16_t replication_factor = -1;  // -1: default.replication.factor
  // Replicas by partition; when given, the two above are -1.
  std::map<std::int32_t, std::vector<std::int32_t>> assignments;
  std::vector<std::pair<std::string, std::optional<std::string>>> configs;
};
struct created_topic {
  topic_ptr topic;
};

struct more_partitions {
  std::string topic;
  std::int32_t count = 0;                                             // after the change
  std::optional<std::vector<std::vector<std::int32_t>>> assignments;  // replicas of each new one
};

// By name, or by id when the name is empty.
struct topic_to_delete {
  std::string name;
  uuid id;
};

enum class config_scope : std::uint8_t { topic, broker, group };
enum class config_operation : std::int8_t {
  set = 0,
  remove = 1,
  append = 2,
  subtract = 3
};  // IncrementalAlterConfigs
struct config_edit {
  std::string key;
  config_operation operation = config_operation::set;
  std::optional<std::string> value;
};
struct config_change {
  config_scope scope = config_scope::topic;
  std::string name;  // topic, group, or broker id; "" is the setting of all brokers
  std::vector<config_edit> edits;
  bool replaces_all = false;  // AlterConfigs: what is not named is removed
};

// A topic found in log directories, of which the store knows nothing.
struct found_topic {
  std::string name;
  uuid id;
  // Partition to the newest leader epoch that its log has seen (0 when none).
  std::map<std::int32_t, std::int32_t> leader_epochs;
};

}  // namespace barnabas::cluster
