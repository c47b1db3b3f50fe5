// ListGroups, DescribeGroups and DeleteGroups.
#pragma once

#include <string_view>
#include <vector>

#include "coordinator/machine.h"
#include "group/answers.h"
#include "group/turn.h"

namespace barnabas::group {

void list_groups(turn& turn, coordinator::reply_to<std::vector<listed_group>> to);
void describe_group(turn& turn, std::string_view id, coordinator::reply_to<described_group> to);
// GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. has_more: as above.
void delete_group(turn& turn, std::string_view id, coordinator::reply_to<deleted_group> to);

}  // namespace barnabas::group
