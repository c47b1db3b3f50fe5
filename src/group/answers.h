// What the machine answers, for each API. Values that own what they say, so that they may travel to
// another shard; bytes are shared. The handlers turn them into messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error_code.h"
#include "group/group_state.h"

namespace barnabas::group {

struct joined_member {
  std::string id;
  std::optional<std::string> instance_id;
  shared_bytes metadata;  // of the chosen protocol
};

struct join_answer {
  error_code error = error_code::none;
  std::int32_t generation = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::string leader;
  bool skip_assignment = false;  // KIP-814: the leader has come back, its assignment still stands
  std::string member_id;
  std::vector<joined_member> members;  // for the leader only
};

struct sync_answer {
  error_code error = error_code::none;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  shared_bytes assignment;
};

struct fetched_offset {
  std::int32_t partition = 0;
  error_code error = error_code::none;
  std::int64_t offset = -1;  // -1: none is committed
  std::int32_t leader_epoch = -1;
  std::string metadata;
};
struct fetched_topic {
  std::string name;
  std::vector<fetched_offset> partitions;
};

struct deleted_offsets {
  error_code error = error_code::none;  // for the whole; then there are no partitions
  std::vector<error_code> partitions;   // in the order of the request
  bool has_more = false;                // not all fitted into one batch: ask again
};
struct deleted_group {
  error_code error = error_code::none;
  bool has_more = false;  // as above
};

struct listed_group {
  std::string id;
  std::string protocol_type;
  group_state state = group_state::empty;
};

struct described_member {
  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  shared_bytes metadata;
  shared_bytes assignment;
};
// A group that is not there is described as dead.
struct described_group {
  group_state state = group_state::dead;
  std::string protocol_type;
  std::string protocol_name;
  std::vector<described_member> members;
};

}  // namespace barnabas::group
