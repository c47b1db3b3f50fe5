// Groups of every kind: listed, described, deleted, rid of members. Brokers list those that they
// coordinate; all else goes to the coordinators.
#pragma once

#include <barnabas/admin/groups.h>
#include "client/each_call.h"

namespace barnabas::client {

// By broker.
answer_to<kafka::each<std::int32_t, std::vector<kafka::group_listing>>> list_groups(
    cluster& cluster, const kafka::group_filter& filter);
using group_descriptions = kafka::each<std::string, kafka::group_description>;
answer_to<group_descriptions> describe_classic_groups(cluster& cluster,
                                                      const std::vector<std::string>& groups,
                                                      bool with_operations);
// Those of KIP-848, and the rest as classic ones.
answer_to<group_descriptions> describe_consumer_groups(cluster& cluster,
                                                       const std::vector<std::string>& groups,
                                                       bool with_operations);
answer_to<group_descriptions> describe_share_groups(cluster& cluster,
                                                    const std::vector<std::string>& groups,
                                                    bool with_operations);
answer_to<kafka::each<std::string>> delete_groups(cluster& cluster,
                                                  const std::vector<std::string>& groups);
// All members when none is named.
answer_to<kafka::each<kafka::member_name>> remove_group_members(
    cluster& cluster, const std::string& group, const std::vector<kafka::member_name>& members,
    const std::string& reason);

}  // namespace barnabas::client
