// Where a group goes on in its partitions, as it has committed it, and who may commit that.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "barnabas/record.h"

namespace barnabas::kafka {

struct committed_offset {
  std::int64_t offset = -1;        // of the next record; -1: none
  std::string metadata = {};       // what the user adds
  std::int32_t leader_epoch = -1;  // of the record before it; -1: not known
};

using partition_offsets = std::map<topic_partition, committed_offset>;

// A member of a group, as the coordinator knows it (KIP-447).
struct group_metadata {
  std::string group_id;
  std::int32_t generation = -1;  // -1: it is no member
  std::string member_id = {};
  std::string instance_id = {};  // empty: no static member
};

}  // namespace barnabas::kafka
