// Where a group goes on in a partition, as it has committed it.
#pragma once

#include <cstdint>
#include <string>

namespace barnabas::kafka {

struct committed_offset {
  std::int64_t offset = -1;        // of the next record; -1: none
  std::string metadata = {};       // what the user adds
  std::int32_t leader_epoch = -1;  // of the record before it; -1: not known
};

}  // namespace barnabas::kafka
