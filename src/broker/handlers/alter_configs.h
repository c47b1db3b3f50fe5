// AlterConfigs (API 33), versions 0 to 2: replaces all dynamic settings of a topic, of a group, of
// this broker, or (by the empty name) of all brokers; what is not named is removed. Kept for old
// tools; IncrementalAlterConfigs took its place.
//
// Errors of a resource: UNKNOWN_TOPIC_OR_PARTITION, INVALID_CONFIG (a key of no topic, a value that
// is not allowed), INVALID_REQUEST (named twice, no value, a setting that does not change while
// running, another broker), NOT_CONTROLLER.
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/alter_configs_request.h"
#include "protocol/messages/alter_configs_response.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::alter_configs_response>> alter_configs(
    metadata_services services, protocol::alter_configs_request message);

}  // namespace barnabas::broker::handlers
