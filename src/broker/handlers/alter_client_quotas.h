// AlterClientQuotas (API 49), versions 0 to 1 (KIP-546): sets and removes quotas of users, client
// ids, client ids of a user, and addresses, or (by a null name) of whoever has none of his own.
// Entries succeed and fail each for itself; with validate_only nothing changes.
//
// Errors of an entry: INVALID_REQUEST (no part, an unknown one, one twice or with an empty name, an
// ip together with others or that is no address; an entity twice, of which only the first counts; a
// key twice, one to be set that the entity does not have, a value that is not allowed),
// NOT_CONTROLLER, KAFKA_STORAGE_ERROR.
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"

namespace barnabas::broker::handlers {

// Names in the response are views of the request's frame.
runtime::task<owned_response<protocol::alter_client_quotas_response>> alter_client_quotas(
    metadata_services services, protocol::alter_client_quotas_request message);

}  // namespace barnabas::broker::handlers
