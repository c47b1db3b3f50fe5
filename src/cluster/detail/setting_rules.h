// What the tables of settings (schema/config) say about the settings that stand in the store.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cluster/image.h"
#include "cluster/topics.h"

namespace barnabas::cluster::detail {

// All overrides of a topic together. INVALID_CONFIG: an unknown key, a value that is not allowed,
// two that contradict.
result<> validate_topic_overrides(const overrides& config);

// All dynamic settings of a broker, or of all brokers, after a change of `changed`. INVALID_REQUEST
// when one of the changed ones cannot change while a broker runs, INVALID_CONFIG for a bad value.
// Unknown keys are kept, as Kafka does: a plugin may know them.
result<> validate_broker_overrides(const overrides& config, const overrides& changed,
                                   bool is_for_all);

// The default of a setting that is a list; nothing when it is not a list or not known.
std::optional<std::string> default_of_list(config_scope scope, std::string_view key);

}  // namespace barnabas::cluster::detail
