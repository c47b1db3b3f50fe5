// DescribeUserScramCredentials (API 50), version 0 (KIP-554): which SCRAM mechanisms users have
// credentials for, and with how many iterations; of all users when none are named.
//
// Errors of a user: RESOURCE_NOT_FOUND (no credential), DUPLICATE_RESOURCE (named twice).
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/describe_user_scram_credentials_request.h"
#include "protocol/messages/describe_user_scram_credentials_response.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::describe_user_scram_credentials_response>>
describe_user_scram_credentials(metadata_services services,
                                protocol::describe_user_scram_credentials_request message);

}  // namespace barnabas::broker::handlers
