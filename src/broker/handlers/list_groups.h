// ListGroups (API 16), versions 0 to 5: the groups that this broker coordinates.
//
// Version notes: 3 flexible; 4 filter by states, and the state (KIP-518); 5 filter by types, and
// the type (KIP-848): here all are "classic". Filters do not mind capitals; an empty one is none.
//
// Errors: COORDINATOR_LOAD_IN_PROGRESS while partitions load: the list may be short.
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/reply.h"
#include "protocol/messages/list_groups_request.h"

namespace barnabas::broker::handlers {

pending_reply list_groups(group_services services, request request,
                          protocol::list_groups_request message);

}  // namespace barnabas::broker::handlers
