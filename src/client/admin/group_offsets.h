// Committed offsets of groups that nobody consumes with now (those of groups with members are their
// members' affair): listed, changed, deleted, at the groups' coordinators.
#pragma once

#include <barnabas/admin/groups.h>
#include "client/each_call.h"

namespace barnabas::client {

answer_to<kafka::each<std::string, kafka::committed_offsets>> list_group_offsets(
    cluster& cluster, const kafka::partitions_by_group& groups, bool only_stable);
answer_to<kafka::each<kafka::topic_partition>> alter_group_offsets(
    cluster& cluster, const std::string& group,
    const std::map<kafka::topic_partition, kafka::committed_offset>& offsets);
answer_to<kafka::each<kafka::topic_partition>> delete_group_offsets(
    cluster& cluster, const std::string& group,
    const std::vector<kafka::topic_partition>& partitions);

}  // namespace barnabas::client
