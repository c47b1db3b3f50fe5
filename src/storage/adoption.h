// Partitions that lie in a log directory but that the metastore does not know: what to tell the
// person who starts the broker, and what the caller needs to register them (--adopt). Functions on
// values; describe() blocks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/topic_partition.h"
#include "base/uuid.h"
#include "runtime/file_system.h"

namespace barnabas::storage {

struct unknown_partition {
  topic_partition partition;
  std::string directory;  // one of log.dirs
};

// A topic that was found in the directories and that the caller must now register in the metastore.
struct adopted_topic {
  struct partition {
    std::int32_t index = 0;
    std::string directory;
  };
  std::string topic;
  uuid topic_id;  // of partition.metadata; zero if no partition has one, then the caller makes one
  std::vector<partition> partitions;  // by index; a broker of a cluster need not have all
};

// The error that refuses to start: names directories and topics, and --adopt as the way out.
error refuse_unknown(const std::vector<unknown_partition>& unknown);

// The partitions by topic, with their ids. KAFKA_STORAGE_ERROR when a partition.metadata is
// malformed or partitions of one topic disagree about its id.
result<std::vector<adopted_topic>> describe_unknown(runtime::file_system& files,
                                                    const std::vector<unknown_partition>& unknown);

}  // namespace barnabas::storage
