// Requests of consumer groups, built once: an OffsetCommit of a consumer that manages its
// partitions itself, and what it takes to join a group.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "bench/load/produce_request.h"

namespace barnabas::bench {

// Version 7, of partitions [first, first + count), all at the same offset.
produce_request make_commit_request(const std::string& group, const std::string& topic,
                                    std::int32_t first_partition, std::int32_t partitions);
// The first error code in an answer, 0 when all went well, -1000 when the answer is not whole.
std::int16_t error_in_commit_answer(bytes_view answer);

// FindCoordinator 1 and JoinGroup 3, whole frames, and the error codes in their answers.
std::vector<std::byte> make_find_coordinator_request(const std::string& group);
std::int16_t error_in_find_coordinator_answer(bytes_view answer);
std::vector<std::byte> make_join_request(const std::string& group, const std::string& member = {});
std::int16_t error_in_join_answer(bytes_view answer);

// What an answer to JoinGroup says; `members` is there for the leader only.
struct joined {
  std::int16_t error = -1000;
  std::int32_t generation = -1;
  std::string member;
  std::int32_t members = 0;
};
joined read_join_answer(bytes_view answer);

// SyncGroup 2 without an assignment, Heartbeat 2 to be sent again and again.
std::vector<std::byte> make_sync_request(const std::string& group, const joined& as);
std::int16_t error_in_sync_answer(bytes_view answer);
produce_request make_heartbeat_request(const std::string& group, const joined& as);
std::int16_t error_in_heartbeat_answer(bytes_view answer);

}  // namespace barnabas::bench
