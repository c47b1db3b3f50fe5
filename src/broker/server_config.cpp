#include "broker/server_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "broker/detail/setting_reader.h"

namespace barnabas::broker {
namespace {

using detail::setting_reader;

constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

// "10.0.0.1:100,::1:200": the count stands behind the last colon.
void read_per_ip_overrides(setting_reader& in, network::server_limits& limits) {
  const std::string key = "max.connections.per.ip.overrides";
  for (const std::string& entry : in.list(key, "")) {
    const auto colon = entry.rfind(':');
    const std::string count = colon == std::string::npos ? "" : entry.substr(colon + 1);
    if (colon == 0 || count.empty() || count.size() > 9 || !std::ranges::all_of(count, [](char c) { return c >= '0' && c <= '9'; })) {
      in.complain(key, "a list of address:count is allowed");
      return;
    }
    limits.connections_per_ip_overrides[entry.substr(0, colon)] = std::stoi(count);
  }
}

// Kafka's -1 is the system's choice, which is also what is best where nothing is said.
int buffer_size(setting_reader& in, const std::string& key) {
  return static_cast<int>(std::max<std::int64_t>(in.number(key, -1, -1, int32_max), 0));
}

network::server_limits read_limits(setting_reader& in) {
  network::server_limits limits;
  limits.request_bytes = static_cast<std::int32_t>(in.number("socket.request.max.bytes", limits.request_bytes, 1, int32_max));
  limits.queued_request_bytes = in.number("queued.max.request.bytes", -1, -1, int64_max);
  limits.connections = static_cast<std::int32_t>(in.number("max.connections", int32_max, 0, int32_max));
  limits.connections_per_ip = static_cast<std::int32_t>(in.number("max.connections.per.ip", int32_max, 0, int32_max));
  read_per_ip_overrides(in, limits);
  constexpr std::int64_t century_ms = std::int64_t{100} * 366 * 86'400'000;
  const std::int64_t idle_ms = in.number("connections.max.idle.ms", limits.idle_time.count(), std::numeric_limits<std::int64_t>::min(), int64_max);
  limits.idle_time = std::chrono::milliseconds(idle_ms > century_ms ? -1 : idle_ms);
  limits.backlog = static_cast<int>(in.number("socket.listen.backlog.size", limits.backlog, 1, int32_max));
  limits.send_buffer_bytes = buffer_size(in, "socket.send.buffer.bytes");
  limits.receive_buffer_bytes = buffer_size(in, "socket.receive.buffer.bytes");
  return limits;
}

// The listeners of a KRaft controller mean nothing here.
std::string without_controller_listeners(const setting_reader& in, const std::string& key, std::string_view otherwise) {
  const auto controllers = in.list("controller.listener.names", "");
  std::string kept;
  for (const std::string& entry : in.list(key, otherwise)) {
    if (std::ranges::find(controllers, entry.substr(0, entry.find(':'))) == controllers.end()) {
      kept += (kept.empty() ? "" : ",") + entry;
    }
  }
  return kept;
}

void read_listeners(setting_reader& in, server_config& config) {
  auto listeners = network::parse_listeners(without_controller_listeners(in, "listeners", "PLAINTEXT://:9092"),
                                            in.text("listener.security.protocol.map", ""));
  if (!listeners) {
    in.complain(listeners.error().message);
    return;
  }
  auto advertised = network::parse_advertised_listeners(without_controller_listeners(in, "advertised.listeners", ""), *listeners, network::host_name());
  if (!advertised) {
    in.complain(advertised.error().message);
    return;
  }
  for (const network::listener_address& listener : *listeners) {
    if (listener.protocol != network::security_protocol::plaintext) {
      in.complain(fmt::format("listeners: {} asks for {}, but this version serves only PLAINTEXT", listener.name, network::protocol_name(listener.protocol)));
    }
  }
  config.listeners = std::move(*listeners);
  config.advertised_listeners = std::move(*advertised);
}

std::int32_t read_broker_id(setting_reader& in) {
  const std::int64_t broker_id = in.number("broker.id", -1, -1, int32_max);
  const std::int64_t node_id = in.number("node.id", broker_id, -1, int32_max);
  if (in.has("broker.id") && node_id != broker_id) {
    in.complain("node.id", fmt::format("broker.id={} says otherwise; one of them is enough", broker_id));
  }
  return static_cast<std::int32_t>(std::max<std::int64_t>(node_id, 0));
}

acknowledge_rule read_acknowledge(setting_reader& in) {
  static constexpr std::array<std::string_view, 3> rules{"replicated-or-disk", "disk", "memory"};
  const std::string rule = in.word("barnabas.acknowledge", rules[0], rules);
  return static_cast<acknowledge_rule>(std::ranges::find(rules, rule) - rules.begin());
}

}  // namespace

result<server_config> make_server_config(const std::vector<property>& properties, config_remarks&) {
  server_config config;
  for (const property& it : properties) {
    config.values[it.key] = it.value;
  }
  setting_reader in(config.values);
  config.broker_id = read_broker_id(in);
  config.rack = in.text("broker.rack", "");
  config.log_dirs = in.list(in.has("log.dirs") ? "log.dirs" : "log.dir", "./data");
  if (config.log_dirs.empty()) {
    in.complain("log.dirs", "at least one folder is needed");
  }
  read_listeners(in, config);
  config.limits = read_limits(in);
  config.acknowledge = read_acknowledge(in);
  config.shards = static_cast<int>(in.number("barnabas.shards", 0, 0, 1024));
  config.file_threads = static_cast<int>(in.number("barnabas.file.threads", config.file_threads, 1, 256));
  config.log_file = in.text("barnabas.log.file", "");
  static constexpr std::array<std::string_view, 6> levels{"trace", "debug", "info", "warn", "error", "off"};
  config.lowest_log_level = static_cast<log_level>(std::ranges::find(levels, in.word("barnabas.log.level", "info", levels)) - levels.begin());
  if (!in.complaints().empty()) {
    return fail(error_code::invalid_config, fmt::format("{}", fmt::join(in.complaints(), "\n")));
  }
  return config;
}

}  // namespace barnabas::broker
