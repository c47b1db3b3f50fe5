// Holds the settings that were given against the table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/properties.h"
#include "broker/server_config.h"

namespace barnabas::broker::detail {

// False for settings of Kafka that do nothing in this version, and for those that nobody knows.
bool has_meaning(std::string_view key);

// The values by key, the last of each, without blanks around them (passwords keep theirs). Notes
// unknown settings and those without a meaning here; bad values become complaints, one line each.
cluster::overrides checked_values(const std::vector<property>& properties, config_remarks& remarks,
                                  std::vector<std::string>& complaints);

}  // namespace barnabas::broker::detail
