// What a topic's settings come to: its own overrides, else the broker's setting that each falls
// back to, else the default. Immutable and shared by all shards; a changed setting makes a new
// object.
#pragma once

#include <cstdint>
#include <memory>

#include "broker/setting_sources.h"
#include "cluster/image.h"
#include "record/validator.h"
#include "storage/log_config.h"

namespace barnabas::broker {

struct topic_settings {
  std::shared_ptr<const storage::log_config> log;
  record::validation_limits validation;
  std::int32_t min_insync_replicas = 1;
};

// The values have been validated when they were set.
std::shared_ptr<const topic_settings> make_topic_settings(const cluster::overrides& topic,
                                                          const broker_settings& broker);

}  // namespace barnabas::broker
