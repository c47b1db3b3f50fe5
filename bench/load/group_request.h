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
std::vector<std::byte> make_join_request(const std::string& group);
std::int16_t error_in_join_answer(bytes_view answer);

}  // namespace barnabas::bench
