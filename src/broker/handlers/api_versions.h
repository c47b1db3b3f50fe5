// ApiVersions (KIP-35, KIP-511): which APIs and versions this broker serves, and who the client
// says it is.
#pragma once

#include "broker/api_table.h"
#include "broker/reply.h"
#include "broker/request.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"

namespace barnabas::broker::handlers {

// Remembers name and version of the client's software in the connection's facts. INVALID_REQUEST
// when they are not made of letters, digits, '-' and '.', with a letter or digit at both ends.
protocol::api_versions_response api_versions(const api_table& apis, const request& request,
                                             const protocol::api_versions_request& message);

// The answer to a version that is not served: as version 0, UNSUPPORTED_VERSION, and the versions
// of ApiVersions that are, so that the client can ask again.
reply unsupported_api_versions(const api& api_versions, request request);

}  // namespace barnabas::broker::handlers
