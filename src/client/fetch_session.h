// The fetch session with one broker (KIP-227): what the broker remembers, so
// that a request only says what has changed. Topics are named by their ids where
// all of them have one (KIP-516). A value of the fetcher.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "base/topic_partition.h"
#include "base/uuid.h"

namespace barnabas::protocol {
struct fetch_request;
struct fetch_response;
}  // namespace barnabas::protocol

namespace barnabas::client {

struct wanted_partition {
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  std::int32_t most_bytes = 0;
  uuid topic_id = {};  // zero: the broker has named none

  bool operator==(const wanted_partition&) const = default;
};
using wanted_partitions = std::map<topic_partition, wanted_partition>;

class fetch_session {
 public:
  // Puts session, topics and forgotten topics into the request, whose views
  // point into `wanted` and this session until the next call.
  void fill(protocol::fetch_request& request, const wanted_partitions& wanted);
  // The newest version that can carry what was filled in.
  std::int16_t newest_version() const;
  // Of a topic in the answer; empty when it was not asked for.
  std::string_view name_of(std::string_view name, const uuid& id) const;
  // After the answer: false when the broker does not know the session and all
  // begins again.
  bool took(const protocol::fetch_response& answer);
  // After a failure.
  void reset();

 private:
  std::int32_t id_ = 0;
  std::int32_t epoch_ = 0;  // 0: a new session
  wanted_partitions known_;
  struct forgotten_partition {
    topic_partition name;
    uuid topic_id;
  };
  std::vector<forgotten_partition> forgotten_;
  bool has_ids_ = false;
  std::map<uuid, std::string_view> names_;  // of known_
};

}  // namespace barnabas::client
