// The cluster itself: its brokers, its features, and the quorum of a cluster without ZooKeeper.
#pragma once

#include <barnabas/admin/cluster.h>
#include "client/each_call.h"

namespace barnabas::client {

answer_to<kafka::cluster_description> describe_cluster(cluster& cluster, bool with_operations);
answer_to<kafka::feature_description> describe_features(cluster& cluster);
answer_to<kafka::each<std::string>> update_features(
    cluster& cluster, const std::map<std::string, kafka::feature_update>& updates,
    bool validates_only);
answer_to<kafka::quorum_description> describe_metadata_quorum(cluster& cluster);
answer_to<void> add_raft_voter(cluster& cluster, const kafka::raft_voter& voter,
                               const std::vector<kafka::raft_listener>& listeners);
answer_to<void> remove_raft_voter(cluster& cluster, const kafka::raft_voter& voter);
// Of a broker that is gone.
answer_to<void> unregister_broker(cluster& cluster, std::int32_t broker);

}  // namespace barnabas::client
