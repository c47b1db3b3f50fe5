// What the tables cannot say about settings that somebody wants to change while the broker runs.
#pragma once

#include "base/result.h"
#include "broker/setting_sources.h"
#include "cluster/topics.h"

namespace barnabas::broker::detail {

// Of a broker: INVALID_REQUEST for what this broker takes up only at its start, and for lists that
// are malformed. Of a group: INVALID_CONFIG for a value outside of the bounds that the broker sets.
result<> check_dynamic(const cluster::config_change& change, const broker_settings& broker);

}  // namespace barnabas::broker::detail
