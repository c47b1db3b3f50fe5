// What share groups (KIP-932) have read: where their partitions begin. At their coordinators.
#pragma once

#include <barnabas/admin/groups.h>
#include "client/each_call.h"

namespace barnabas::client {

answer_to<kafka::each<std::string, kafka::share_offsets>> list_share_group_offsets(
    cluster& cluster, const kafka::partitions_by_group& groups);
answer_to<kafka::each<kafka::topic_partition>> alter_share_group_offsets(
    cluster& cluster, const std::string& group,
    const std::map<kafka::topic_partition, std::int64_t>& starts);
// By topic.
answer_to<kafka::each<std::string>> delete_share_group_offsets(
    cluster& cluster, const std::string& group, const std::vector<std::string>& topics);

}  // namespace barnabas::client
