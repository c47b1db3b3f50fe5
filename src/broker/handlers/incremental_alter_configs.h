// IncrementalAlterConfigs (API 44), versions 0 to 1 (KIP-339): sets and removes single dynamic
// settings of a topic, of a group, of this broker, or (by the empty name) of all brokers, and
// appends to and subtracts from lists. Levels of this broker's loggers (KIP-412) change at once and
// are not kept.
//
// Errors of a resource: those of AlterConfigs; INVALID_CONFIG also for a list operation on what is
// not a list, INVALID_REQUEST for an operation that does not exist.
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::incremental_alter_configs_response>>
incremental_alter_configs(metadata_services services,
                          protocol::incremental_alter_configs_request message);

}  // namespace barnabas::broker::handlers
