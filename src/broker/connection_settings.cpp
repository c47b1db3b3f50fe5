#include "broker/connection_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "broker/setting_reader.h"

namespace barnabas::broker {
namespace {

std::string small(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

}  // namespace

result<std::map<std::string, std::int32_t>> parse_per_ip_overrides(std::string_view text) {
  std::map<std::string, std::int32_t> counts;
  for (const std::string& entry : elements_of_list(text)) {
    const auto colon = std::min(entry.rfind(':'), entry.size());
    const std::string count = entry.substr(std::min(colon + 1, entry.size()));
    const bool is_number = !count.empty() && count.size() <= 9 &&
                           std::ranges::all_of(count, [](char c) { return c >= '0' && c <= '9'; });
    if (colon == 0 || !is_number) {
      return fail(
          error_code::invalid_config,
          fmt::format("{}={}: allowed is a list of address:count", per_ip_overrides_key, text));
    }
    counts[entry.substr(0, colon)] = std::stoi(count);
  }
  return counts;
}

network::connection_limits read_connection_limits(const broker_settings& broker,
                                                  const std::vector<std::string>& listeners) {
  const setting_reader in(broker);
  network::connection_limits limits;
  limits.of_all.connections = in.number32("max.connections");
  limits.of_all.creation_rate = in.number32("max.connection.creation.rate");
  limits.per_ip = in.number32("max.connections.per.ip");
  if (auto overrides = parse_per_ip_overrides(in.text(per_ip_overrides_key))) {
    limits.per_ip_overrides = std::move(*overrides);
  }
  for (const std::string& name : listeners) {
    const std::string prefix = "listener.name." + small(name) + '.';
    network::listener_limits& own = limits.of_listener[name];
    own.connections = in.own_number32(prefix + "max.connections", own.connections);
    own.creation_rate = in.own_number32(prefix + "max.connection.creation.rate", own.creation_rate);
  }
  return limits;
}

}  // namespace barnabas::broker
