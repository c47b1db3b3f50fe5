// The settings of a broker: what server.properties and the command line say, checked against the
// table of settings (schema/config), and the ones that the wiring needs as typed values. A value;
// made once before the broker.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "broker/properties.h"
#include "cluster/image.h"
#include "network/listener_address.h"
#include "network/server_limits.h"
#include "security/tls_settings.h"

namespace barnabas::broker {

// When a record is acknowledged with acks=all (barnabas.acknowledge).
enum class acknowledge_rule : std::uint8_t { replicated_or_disk, disk, memory };

struct server_config {
  // broker.id, else node.id; nothing when neither says it: then meta.properties does.
  std::optional<std::int32_t> broker_id;
  std::string rack;
  std::vector<std::string> log_dirs;  // log.dirs, else log.dir
  std::vector<network::listener_address> listeners;
  std::vector<network::listener_address> advertised_listeners;
  std::map<std::string, security::tls_settings> tls;  // of listeners that speak it, by name
  network::server_limits limits;
  acknowledge_rule acknowledge = acknowledge_rule::replicated_or_disk;
  int shards = 0;                                // barnabas.shards; 0: one a core
  int file_threads = 4;                          // barnabas.file.threads
  std::string log_file;                          // barnabas.log.file; empty: standard error only
  log_level lowest_log_level = log_level::info;  // barnabas.log.level
  bool adopts = false;  // --adopt: take over partitions that the metastore does not know

  // Every setting that was given, by key, as text: what topics fall back to and what
  // DescribeConfigs shows.
  cluster::overrides values;
};

// What is worth telling a person before the start.
struct config_remarks {
  std::vector<std::string> unknown;  // one line each, with the nearest known name
  std::vector<std::string>
      meaningless;  // names of settings of Kafka that do nothing in this version
};

// Later properties win. INVALID_CONFIG with one line for every bad value: key, value and what is
// allowed.
result<server_config> make_server_config(const std::vector<property>& properties,
                                         config_remarks& remarks);

}  // namespace barnabas::broker
