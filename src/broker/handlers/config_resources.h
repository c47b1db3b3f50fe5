// What has settings: ConfigResource.Type of the protocol.
#pragma once

#include <cstdint>

namespace barnabas::broker::handlers {

enum class config_resource : std::int8_t {
  topic = 2,
  broker = 4,
  broker_logger = 8,
  client_metrics = 16,
  group = 32
};

}  // namespace barnabas::broker::handlers
