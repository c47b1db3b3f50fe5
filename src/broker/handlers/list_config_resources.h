// ListConfigResources (API 74), versions 0 to 1 (KIP-1142): what has settings, by kind. Version 0
// asks for subscriptions to clients' metrics, of which there are none here. UNSUPPORTED_VERSION for
// a kind that is not there.
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/list_config_resources_request.h"
#include "protocol/messages/list_config_resources_response.h"

namespace barnabas::broker::handlers {

owned_response<protocol::list_config_resources_response> list_config_resources(
    metadata_services services, std::int16_t version,
    const protocol::list_config_resources_request& message);

}  // namespace barnabas::broker::handlers
