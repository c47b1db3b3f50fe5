// DescribeClientQuotas (API 48), versions 0 to 1 (KIP-546): the quotas of the entities that match.
// A component matches an entity that has this name, or the default, or any name in that part; a
// part that no component names may be there unless the filter is strict.
//
// Errors: INVALID_REQUEST (a part named twice, ip together with user or client-id, an unknown kind
// of match, a name where there must be none or none where there must be one), UNSUPPORTED_VERSION
// (an unknown part).
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/describe_client_quotas_request.h"
#include "protocol/messages/describe_client_quotas_response.h"

namespace barnabas::broker::handlers {

owned_response<protocol::describe_client_quotas_response> describe_client_quotas(
    metadata_services services, const protocol::describe_client_quotas_request& message);

}  // namespace barnabas::broker::handlers
