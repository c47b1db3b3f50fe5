// The calls of the admin client, on the shard of its cluster. Each is a
// question, a route (call_routing.h), and how the answer is read; what they
// have in common stands there.
#pragma once

#include <barnabas/admin.h>
#include "client/cluster.h"

namespace barnabas::client {

runtime::task<kafka::result<kafka::each<std::string>>> create_topics(
    cluster& cluster, const std::vector<kafka::new_topic>& topics);
runtime::task<kafka::result<kafka::each<std::string>>> delete_topics(
    cluster& cluster, const std::vector<std::string>& names);
runtime::task<kafka::result<kafka::each<std::string, kafka::topic_description>>> describe_topics(
    cluster& cluster, const std::vector<std::string>& names);
runtime::task<kafka::result<kafka::each<kafka::resource, std::vector<kafka::config_entry>>>>
describe_configs(cluster& cluster, const std::vector<kafka::resource>& resources);
runtime::task<kafka::result<kafka::each<kafka::resource>>> alter_configs(
    cluster& cluster, const std::map<kafka::resource, std::vector<kafka::config_change>>& changes);

}  // namespace barnabas::client
