#include "broker/server_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "broker/detail/setting_check.h"
#include "broker/detail/setting_reader.h"

namespace barnabas::broker {
namespace {

using detail::setting_reader;

// The place of a validated word among the choices.
template <std::size_t N>
std::size_t place_of(const std::string& word, const std::array<std::string_view, N>& choices) {
  return static_cast<std::size_t>(std::ranges::find(choices, word) - choices.begin());
}

// "10.0.0.1:100,::1:200": the count stands behind the last colon.
void read_per_ip_overrides(setting_reader& in, network::server_limits& limits) {
  const std::string key = "max.connections.per.ip.overrides";
  for (const std::string& entry : in.list(key)) {
    const auto colon = std::min(entry.rfind(':'), entry.size());
    const std::string count = entry.substr(std::min(colon + 1, entry.size()));
    const bool is_number = !count.empty() && count.size() <= 9 &&
                           std::ranges::all_of(count, [](char c) { return c >= '0' && c <= '9'; });
    if (colon == 0 || !is_number) {
      in.complain(fmt::format("{}={}: allowed is a list of address:count", key, in.text(key)));
      return;
    }
    limits.connections_per_ip_overrides[entry.substr(0, colon)] = std::stoi(count);
  }
}

network::server_limits read_limits(setting_reader& in) {
  network::server_limits limits;
  limits.request_bytes = in.number32("socket.request.max.bytes");
  limits.queued_request_bytes = in.number("queued.max.request.bytes");
  limits.connections = in.number32("max.connections");
  limits.connections_per_ip = in.number32("max.connections.per.ip");
  read_per_ip_overrides(in, limits);
  constexpr std::int64_t century_ms = std::int64_t{100} * 366 * 86'400'000;
  const std::int64_t idle_ms = in.number("connections.max.idle.ms");
  limits.idle_time = std::chrono::milliseconds(idle_ms > century_ms ? -1 : idle_ms);
  limits.backlog = in.number32("socket.listen.backlog.size");
  limits.send_buffer_bytes = std::max(in.number32("socket.send.buffer.bytes"), 0);
  limits.receive_buffer_bytes = std::max(in.number32("socket.receive.buffer.bytes"), 0);
  return limits;
}

// The listeners of a KRaft controller mean nothing here.
std::string without_controllers(const setting_reader& in, const std::string& key) {
  const auto controllers = in.list("controller.listener.names");
  std::string kept;
  for (const std::string& entry : in.list(key)) {
    if (std::ranges::find(controllers, entry.substr(0, entry.find(':'))) == controllers.end()) {
      kept += (kept.empty() ? "" : ",") + entry;
    }
  }
  return kept;
}

void read_listeners(setting_reader& in, server_config& config) {
  const std::string map =
      in.has("listener.security.protocol.map") ? in.text("listener.security.protocol.map") : "";
  auto listeners = network::parse_listeners(without_controllers(in, "listeners"), map);
  if (!listeners) {
    return in.complain(listeners.error().message);
  }
  const bool is_advertised = in.has("advertised.listeners");
  auto advertised = network::parse_advertised_listeners(
      is_advertised ? without_controllers(in, "advertised.listeners") : "", *listeners,
      network::host_name());
  if (!advertised) {
    return in.complain(advertised.error().message);
  }
  for (const network::listener_address& listener : *listeners) {
    if (listener.protocol != network::security_protocol::plaintext) {
      in.complain(fmt::format("listeners: {} asks for {}, but this version serves only PLAINTEXT",
                              listener.name, network::protocol_name(listener.protocol)));
    }
  }
  config.listeners = std::move(*listeners);
  config.advertised_listeners = std::move(*advertised);
}

std::int32_t read_broker_id(setting_reader& in) {
  const std::int64_t id = in.number("broker.id");  // else node.id
  if (in.has("node.id") && in.number("node.id") != id) {
    in.complain(fmt::format("node.id={}: broker.id={} says otherwise; one of them is enough",
                            in.text("node.id"), id));
  }
  return static_cast<std::int32_t>(std::max<std::int64_t>(id, 0));
}

void read_log_dirs(setting_reader& in, server_config& config) {
  config.log_dirs = in.list("log.dirs");  // else log.dir
  if (config.log_dirs.empty()) {
    in.complain("log.dirs=: at least one folder is needed");
  }
}

void read_own_settings(const setting_reader& in, server_config& config) {
  constexpr std::array<std::string_view, 3> rules{"replicated-or-disk", "disk", "memory"};
  constexpr std::array<std::string_view, 6> levels{"trace", "debug", "info",
                                                   "warn",  "error", "off"};
  config.acknowledge =
      static_cast<acknowledge_rule>(place_of(in.text("barnabas.acknowledge"), rules));
  config.lowest_log_level = static_cast<log_level>(place_of(in.text("barnabas.log.level"), levels));
  config.log_file = in.text("barnabas.log.file");
  config.shards = in.number32("barnabas.shards");
  config.file_threads = in.number32("barnabas.file.threads");
}

}  // namespace

result<server_config> make_server_config(const std::vector<property>& properties,
                                         config_remarks& remarks) {
  server_config config;
  std::vector<std::string> complaints;
  config.values = detail::checked_values(properties, remarks, complaints);
  setting_reader in(config.values);
  config.broker_id = read_broker_id(in);
  config.rack = in.text("broker.rack");
  read_log_dirs(in, config);
  read_listeners(in, config);
  config.limits = read_limits(in);
  read_own_settings(in, config);
  complaints.insert(complaints.end(), in.complaints().begin(), in.complaints().end());
  if (!complaints.empty()) {
    return fail(error_code::invalid_config, fmt::format("{}", fmt::join(complaints, "\n")));
  }
  return config;
}

}  // namespace barnabas::broker
