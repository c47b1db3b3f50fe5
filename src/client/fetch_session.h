// The fetch session with one broker (KIP-227): what the broker remembers, so
// that a request only says what has changed. A value of the fetcher.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/topic_partition.h"

namespace barnabas::protocol {
struct fetch_request;
struct fetch_response;
}  // namespace barnabas::protocol

namespace barnabas::client {

struct wanted_partition {
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  std::int32_t most_bytes = 0;

  bool operator==(const wanted_partition&) const = default;
};
using wanted_partitions = std::map<topic_partition, wanted_partition>;

class fetch_session {
 public:
  // Puts session, topics and forgotten topics into the request, whose views
  // point into `wanted` and this session until the next call.
  void fill(protocol::fetch_request& request, const wanted_partitions& wanted);
  // After the answer: false when the broker does not know the session and all
  // begins again.
  bool took(const protocol::fetch_response& answer);
  // After a failure.
  void reset();

 private:
  std::int32_t id_ = 0;
  std::int32_t epoch_ = 0;  // 0: a new session
  wanted_partitions known_;
  std::vector<topic_partition> forgotten_;
};

}  // namespace barnabas::client
