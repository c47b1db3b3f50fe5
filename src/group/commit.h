// OffsetCommit, OffsetFetch and OffsetDelete. Whoever is in a group's current generation commits
// for it; a group without members takes commits from anybody who names no generation. Topics have
// been looked up by the handlers: here they are names.
#pragma once

#include <span>
#include <vector>

#include "coordinator/machine.h"
#include "group/answers.h"
#include "group/turn.h"
#include "protocol/messages/offset_commit_request.h"
#include "protocol/messages/offset_delete_request.h"
#include "protocol/messages/offset_fetch_request.h"

namespace barnabas::group {

// One code a partition, in the order of the request: OFFSET_METADATA_TOO_LARGE; for all
// GROUP_ID_NOT_FOUND, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
// REBALANCE_IN_PROGRESS.
void commit_offsets(turn& turn, const protocol::offset_commit_request& request,
                    coordinator::reply_to<std::vector<error_code>> to);

// What is committed: for the topics of the request in its order, or for all that the group has
// when it names none. With require_stable UNSTABLE_OFFSET_COMMIT where a transaction is open.
void fetch_offsets(turn& turn, const protocol::offset_fetch_request_group& request,
                   bool require_stable, coordinator::reply_to<std::vector<fetched_topic>> to);

// GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP (members of another kind than consumers); of a partition
// GROUP_SUBSCRIBED_TO_TOPIC. has_more: as much is deleted as fits into one batch, ask again.
void delete_offsets(turn& turn, const protocol::offset_delete_request& request,
                    coordinator::reply_to<deleted_offsets> to);

}  // namespace barnabas::group
