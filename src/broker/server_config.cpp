#include "broker/server_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "broker/connection_settings.h"
#include "broker/detail/setting_check.h"
#include "broker/setting_reader.h"
#include "broker/tls_listeners.h"

namespace barnabas::broker {
namespace {

// What the table cannot say about values that do not fit each other.
using complaints = std::vector<std::string>;

// The place of a validated word among the choices.
template <std::size_t N>
std::size_t place_of(const std::string& word, const std::array<std::string_view, N>& choices) {
  return static_cast<std::size_t>(std::ranges::find(choices, word) - choices.begin());
}

network::server_limits read_limits(const setting_reader& in) {
  network::server_limits limits;
  limits.request_bytes = in.number32("socket.request.max.bytes");
  limits.queued_request_bytes = in.number("queued.max.request.bytes");
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

void read_listeners(const setting_reader& in, server_config& config, complaints& out) {
  const auto is_given = [&](std::string_view key) { return config.values.contains(key); };
  const std::string map =
      is_given("listener.security.protocol.map") ? in.text("listener.security.protocol.map") : "";
  auto listeners = network::parse_listeners(without_controllers(in, "listeners"), map);
  if (!listeners) {
    out.push_back(listeners.error().message);
    return;
  }
  auto advertised = network::parse_advertised_listeners(
      is_given("advertised.listeners") ? without_controllers(in, "advertised.listeners") : "",
      *listeners, network::host_name());
  if (!advertised) {
    out.push_back(advertised.error().message);
    return;
  }
  for (const network::listener_address& listener : *listeners) {
    if (listener.protocol == network::security_protocol::ssl) {
      auto tls = read_tls_settings(in, listener.name);
      tls ? (void)config.tls.emplace(listener.name, std::move(*tls))
          : out.push_back(tls.error().message);
    } else if (listener.protocol != network::security_protocol::plaintext) {
      out.push_back(
          fmt::format("listeners: {} asks for {}, but this version serves only PLAINTEXT and SSL",
                      listener.name, network::protocol_name(listener.protocol)));
    }
  }
  config.listeners = std::move(*listeners);
  config.advertised_listeners = std::move(*advertised);
}

std::optional<std::int32_t> read_broker_id(const setting_reader& in, const server_config& config,
                                           complaints& out) {
  const std::int32_t id = in.number32("broker.id");  // else node.id
  if (config.values.contains("node.id") && in.number32("node.id") != id) {
    out.push_back(fmt::format("node.id={}: broker.id={} says otherwise; one of them is enough",
                              in.text("node.id"), id));
  }
  return id < 0 ? std::nullopt : std::optional(id);
}

void read_log_dirs(const setting_reader& in, server_config& config, complaints& out) {
  config.log_dirs = in.list("log.dirs");  // else log.dir
  if (config.log_dirs.empty()) {
    out.emplace_back("log.dirs=: at least one folder is needed");
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
  complaints bad;
  config.values = detail::checked_values(properties, remarks, bad);
  const setting_reader in(broker_settings{.given = &config.values});
  config.broker_id = read_broker_id(in, config, bad);
  config.rack = in.text("broker.rack");
  read_log_dirs(in, config, bad);
  read_listeners(in, config, bad);
  config.limits = read_limits(in);
  if (auto per_ip = parse_per_ip_overrides(in.text(per_ip_overrides_key)); !per_ip) {
    bad.push_back(per_ip.error().message);
  }
  read_own_settings(in, config);
  if (!bad.empty()) {
    return fail(error_code::invalid_config, fmt::format("{}", fmt::join(bad, "\n")));
  }
  return config;
}

}  // namespace barnabas::broker
