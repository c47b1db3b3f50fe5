// AlterReplicaLogDirs (API 34), versions 0 to 2 (KIP-113): begins to move replicas to other log
// directories of this broker; DescribeLogDirs says how far they are. To where a replica is already
// ends a move that has begun.
//
// Errors of a partition: LOG_DIR_NOT_FOUND (none of log.dirs), KAFKA_STORAGE_ERROR (it is offline),
// INVALID_REPLICA_ASSIGNMENT (it is cordoned), UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER
// (no replica here), INVALID_TOPIC_EXCEPTION (a name too long to be moved).
#pragma once

#include "broker/handlers/describe_log_dirs.h"
#include "broker/handlers/partition_services.h"
#include "protocol/messages/alter_replica_log_dirs_request.h"
#include "protocol/messages/alter_replica_log_dirs_response.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::alter_replica_log_dirs_response>> alter_replica_log_dirs(
    log_dir_services dirs, partition_services partitions,
    protocol::alter_replica_log_dirs_request message);

}  // namespace barnabas::broker::handlers
