// DeleteGroups (API 42), versions 0 to 2 (KIP-229): groups without members go, with their offsets.
//
// Errors of a group: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, NOT_COORDINATOR,
// COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE.
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/reply.h"
#include "protocol/messages/delete_groups_request.h"

namespace barnabas::broker::handlers {

pending_reply delete_groups(group_services services, request request,
                            protocol::delete_groups_request message);

}  // namespace barnabas::broker::handlers
