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

// All overrides that a change leaves; `changed` are those it touched. Of a topic or group as above.
// Of a broker, or of all, INVALID_REQUEST: a setting that cannot change while a broker runs, or
// only for each broker, a secret, a value that is not allowed. Unknown keys of brokers are kept, as
// Kafka does: a plugin may know them.
result<> validate_overrides(const overrides& config, const overrides& changed,
                            const config_change& change);

// The default of a setting that is a list; nothing when it is not a list or not known.
std::optional<std::string> default_of_list(config_scope scope, std::string_view key);

}  // namespace barnabas::cluster::detail
