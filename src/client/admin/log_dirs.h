// Log directories and what lies in them, asked from the brokers that have them.
#pragma once

#include <barnabas/admin/topics.h>
#include "client/each_call.h"

namespace barnabas::client {

using log_dirs_by_path = kafka::each<std::string, kafka::log_dir_description>;
// Of all brokers when none is named.
answer_to<kafka::each<std::int32_t, log_dirs_by_path>> describe_log_dirs(
    cluster& cluster, const std::vector<std::int32_t>& brokers);
answer_to<kafka::each<kafka::replica, kafka::replica_place>> describe_replica_log_dirs(
    cluster& cluster, const std::vector<kafka::replica>& replicas);
// Moves replicas between directories of their broker.
answer_to<kafka::each<kafka::replica>> alter_replica_log_dirs(
    cluster& cluster, const std::map<kafka::replica, std::string>& paths);

}  // namespace barnabas::client
