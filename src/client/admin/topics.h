// Topics by name or id: listed, described, made, deleted, enlarged. On the shard of the cluster, as
// all calls in this folder; what they take outlives them.
#pragma once

#include <barnabas/admin/topics.h>
#include "client/each_call.h"

namespace barnabas::client {

answer_to<std::vector<kafka::topic_listing>> list_topics(cluster& cluster);
// Of all topics when `names` is empty.
answer_to<kafka::each<std::string, kafka::topic_description>> describe_topics(
    cluster& cluster, const std::vector<std::string>& names, bool with_operations);
answer_to<kafka::each<std::string, kafka::topic_description>> describe_topics_by_id(
    cluster& cluster, const std::vector<std::string>& ids, bool with_operations);
answer_to<kafka::each<std::string, kafka::created_topic>> create_topics(
    cluster& cluster, const std::vector<kafka::new_topic>& topics, bool validates_only);
answer_to<kafka::each<std::string>> delete_topics(cluster& cluster,
                                                  const std::vector<std::string>& names);
answer_to<kafka::each<std::string>> delete_topics_by_id(cluster& cluster,
                                                        const std::vector<std::string>& ids);
answer_to<kafka::each<std::string>> create_partitions(
    cluster& cluster, const std::map<std::string, kafka::new_partitions>& topics,
    bool validates_only);

}  // namespace barnabas::client
