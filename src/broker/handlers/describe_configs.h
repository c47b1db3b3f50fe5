// DescribeConfigs (API 32), versions 0 to 4: the settings of topics, of groups, of this broker, and
// (by the empty name) the dynamic ones of all brokers, each with its source, and on request with
// its synonyms (version 1) and documentation (version 3); the levels of this broker's loggers.
// Values of sensitive settings are null. No keys, or null, ask for all.
//
// Errors of a resource: UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, INVALID_REQUEST
// (another broker's id, a kind of resource that is not there, one that is named twice).
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::describe_configs_response>> describe_configs(
    metadata_services services, std::int16_t version, protocol::describe_configs_request message);

}  // namespace barnabas::broker::handlers
