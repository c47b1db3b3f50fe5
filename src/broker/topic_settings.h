// What a topic's settings come to: its own overrides, else the broker's setting that each falls
// back to, else the default. Immutable and shared by all shards; a changed setting makes a new
// object.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/image.h"
#include "record/validator.h"
#include "storage/log_config.h"

namespace barnabas::broker {

struct topic_settings {
  std::shared_ptr<const storage::log_config> log;
  record::validation_limits validation;
  std::int32_t min_insync_replicas = 1;
};

// The value of a broker's setting that was given (server.properties or dynamically); nothing when
// it was not.
using broker_setting_lookup = std::function<std::optional<std::string>(std::string_view key)>;

// The values have been validated when they were set; a broker-wide dynamic one wins over
// server.properties.
std::shared_ptr<const topic_settings> make_topic_settings(
    const cluster::overrides& topic, const broker_setting_lookup& broker_setting);

}  // namespace barnabas::broker
