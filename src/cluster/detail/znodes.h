// Kafka 3.9's nodes in a store: their paths and their content as JSON, field for field in Kafka's
// order. Readers take any order and ignore fields that they do not know; they answer nothing for a
// text that is not such JSON.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/image.h"

namespace barnabas::cluster::detail::znodes {

inline constexpr std::string_view broker_ids_path = "/brokers/ids";
inline constexpr std::string_view topics_path = "/brokers/topics";
inline constexpr std::string_view topic_configs_path = "/config/topics";
inline constexpr std::string_view broker_configs_path = "/config/brokers";
inline constexpr std::string_view group_configs_path = "/config/groups";
inline constexpr std::string_view user_configs_path = "/config/users";
inline constexpr std::string_view client_configs_path = "/config/clients";
inline constexpr std::string_view ip_configs_path = "/config/ips";
inline constexpr std::string_view config_changes_path = "/config/changes";
inline constexpr std::string_view deletions_path = "/admin/delete_topics";
inline constexpr std::string_view cluster_id_path = "/cluster/id";
inline constexpr std::string_view controller_path = "/controller";
inline constexpr std::string_view controller_epoch_path = "/controller_epoch";
inline constexpr std::string_view producer_ids_path = "/latest_producer_id_block";
inline constexpr std::string_view feature_path = "/feature";

// Those that every cluster has, parents first; they are persistent and empty.
const std::vector<std::string>& fixed_paths();

std::string path_in(std::string_view folder, std::string_view name);
std::string broker_path(std::int32_t id);
std::string topic_path(std::string_view topic);
std::string partitions_path(std::string_view topic);
std::string partition_path(std::string_view topic, std::int32_t index);
std::string state_path(std::string_view topic, std::int32_t index);

std::string write_broker(const broker& broker, std::int64_t now_ms);
std::string write_controller(std::int32_t broker_id, std::int64_t now_ms);
std::string write_cluster_id(std::string_view id);
std::optional<std::string> read_cluster_id(std::string_view json);
std::string write_feature();

// Of the topic without its partitions' state and settings.
std::string write_topic(const topic& topic);
// Partitions have replicas only. Nothing unless they are numbered from 0 without a gap.
std::optional<topic> read_topic(std::string name, std::string_view json);

std::string write_state(const partition& partition);
// Sets leader, epochs and isr, and takes the node's version for the partition epoch.
bool read_state(std::string_view json, std::int32_t node_version, partition& into);

// Names of groups and clients may hold anything, names of nodes do not: percent-encoded but for
// letters, digits and "-._", and back. A malformed escape stays as it is.
std::string sanitized(std::string_view name);
std::string desanitized(std::string_view name);

std::string write_config(const overrides& config);
std::optional<overrides> read_config(std::string_view json);
// `entity` is "topics/NAME", "groups/NAME", "brokers/ID", "brokers/<default>", or that of a quota.
std::string write_config_change(std::string_view entity);

// The inclusive range that was handed out last.
struct producer_id_range {
  std::int64_t first = 0;
  std::int64_t last = -1;
};
std::string write_producer_ids(std::int32_t broker_id, const producer_id_range& range);
std::optional<producer_id_range> read_producer_ids(std::string_view json);

}  // namespace barnabas::cluster::detail::znodes
