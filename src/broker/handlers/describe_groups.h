// DescribeGroups (API 15), versions 0 to 6: state and members of groups. What members said and were
// assigned is shown while the group is stable. A group that is not there is "Dead".
//
// Version notes: 3 authorized operations (KIP-430); 4 group_instance_id (KIP-345); 5 flexible; 6
// GROUP_ID_NOT_FOUND and error_message (KIP-1043).
//
// Errors of a group: GROUP_ID_NOT_FOUND, NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS,
// COORDINATOR_NOT_AVAILABLE.
#pragma once

#include "broker/handlers/group_services.h"
#include "broker/reply.h"
#include "protocol/messages/describe_groups_request.h"

namespace barnabas::broker::handlers {

pending_reply describe_groups(group_services services, request request,
                              protocol::describe_groups_request message);

}  // namespace barnabas::broker::handlers
