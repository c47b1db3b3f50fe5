// Holds the settings that were given against the table.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "broker/properties.h"
#include "broker/server_config.h"

namespace barnabas::broker::detail {

// The values by key, the last of each, without blanks around them (passwords keep theirs). Notes
// unknown settings and those without a meaning here; bad values become complaints, one line each.
std::map<std::string, std::string> checked_values(const std::vector<property>& properties,
                                                  config_remarks& remarks,
                                                  std::vector<std::string>& complaints);

}  // namespace barnabas::broker::detail
