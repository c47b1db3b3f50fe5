// Levels of loggers under Kafka's names (KIP-412), and changes to them. They take effect at once
// and are gone with the process.
#pragma once

#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "cluster/topics.h"

namespace barnabas::broker::handlers {

// TRACE to ERROR; FATAL is the level of nothing here, so it is that of a logger that is off.
std::string_view name_of(log_level level);

// All or nothing. INVALID_CONFIG for a logger or level that does not exist; INVALID_REQUEST for
// taking root's level away, a logger named twice, and what is neither set nor remove.
result<> alter_loggers(const std::vector<cluster::config_edit>& edits, bool validate_only);

}  // namespace barnabas::broker::handlers
