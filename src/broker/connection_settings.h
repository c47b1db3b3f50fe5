// The limits of connections, out of the settings; they may change while the broker runs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/setting_sources.h"
#include "network/server_limits.h"

namespace barnabas::broker {

inline constexpr std::string_view per_ip_overrides_key = "max.connections.per.ip.overrides";

// "10.0.0.1:100,::1:200": the count stands behind the last colon. INVALID_CONFIG for anything else.
result<std::map<std::string, std::int32_t>> parse_per_ip_overrides(std::string_view text);

// For the listeners of these names, in capitals.
network::connection_limits read_connection_limits(const broker_settings& broker,
                                                  const std::vector<std::string>& listeners);

}  // namespace barnabas::broker
