// Looks after a cluster: its topics and settings. Each call takes many of a kind, goes to the
// broker that serves it, is repeated while brokers say that they may be asked again, and says for
// each what became of it. Any thread may call it.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/result.h"
#include "barnabas/settings.h"

namespace barnabas::kafka {

struct new_topic {
  std::string name;
  std::int32_t partitions = -1;  // -1: as the cluster's settings say
  std::int16_t replication_factor = -1;
  std::map<std::string, std::string> configs = {};
};

struct partition_description {
  std::int32_t partition = 0;
  std::int32_t leader = -1;  // -1: none
  std::vector<std::int32_t> replicas = {};
  std::vector<std::int32_t> in_sync_replicas = {};
};
struct topic_description {
  std::string name;
  bool is_internal = false;
  std::vector<partition_description> partitions = {};
};

enum class resource_type : std::int8_t { topic = 2, broker = 4 };
struct resource {
  resource_type type = resource_type::topic;
  std::string name;  // of a broker, its id; empty for the default of all

  auto operator<=>(const resource&) const = default;
};
struct config_entry {
  std::string name;
  std::optional<std::string> value = std::nullopt;  // nothing when it is sensitive
  bool is_default = false;
  bool is_sensitive = false;
};
struct config_change {
  std::string name;
  std::optional<std::string> value = std::nullopt;  // nothing takes the setting back
};

// What became of each thing that a call named.
template <class Key, class T = void>
using each = std::map<Key, result<T>>;

class admin {
 public:
  static result<admin> open(const settings& settings);
  // Throws std::invalid_argument with the error's message.
  explicit admin(const settings& settings) : admin(open(settings).value_or_throw()) {}
  admin(admin&&) noexcept;
  admin& operator=(admin&&) noexcept;
  ~admin();

  result<each<std::string>> create_topics(const std::vector<new_topic>& topics);
  result<each<std::string>> delete_topics(const std::vector<std::string>& names);
  // Of all topics when `names` is empty.
  result<each<std::string, topic_description>> describe_topics(
      const std::vector<std::string>& names);
  result<each<resource, std::vector<config_entry>>> describe_configs(
      const std::vector<resource>& resources);
  result<each<resource>> alter_configs(
      const std::map<resource, std::vector<config_change>>& changes);

 private:
  struct implementation;
  explicit admin(std::unique_ptr<implementation> it);
  std::unique_ptr<implementation> it_;
};

}  // namespace barnabas::kafka
