// The partition that a machine's records go to and come from, as the runtime needs it; broker
// implements it over replica::partition. Lives on the partition's owner shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/compression.h"
#include "runtime/task.h"

namespace barnabas::coordinator {

// As the topic's settings stand now.
struct log_limits {
  std::size_t max_batch_bytes = 1'048'588;       // max.message.bytes
  std::size_t max_append_bytes = 1'073'741'824;  // segment.bytes
  record::compression_choice compression;
};

struct appended {
  std::int64_t base_offset = -1;
  std::int64_t end_offset = -1;  // the offset after the last record
  std::int32_t leader_epoch = -1;
  bool needs_disk = false;  // whatever the rule says: committed when it is on disk
};

class partition_log {
 public:
  virtual ~partition_log() = default;

  virtual std::string name() const = 0;  // "topic-partition", for log lines
  // -1 while this broker does not lead the partition.
  virtual std::int32_t leader_epoch() const = 0;
  virtual std::int64_t log_start_offset() const = 0;
  virtual std::int64_t log_end_offset() const = 0;
  virtual log_limits limits() const = 0;

  // Whole batches; all of them get into the log or none. Errors as of replica::partition::append.
  virtual runtime::task<result<appended>> append(std::vector<std::byte> batches) = 0;
  // Returns when everything below end_offset is committed as the rule of acknowledgement says, or
  // with an error when it may never be: NOT_LEADER_OR_FOLLOWER (another leader epoch, closed),
  // KAFKA_STORAGE_ERROR.
  virtual runtime::task<result<>> wait_committed(appended what) = 0;
  // Batches from the one that holds `offset` on, or the next one: whole ones, at least one if there
  // is one, some 64 KiB; the last may be cut. Empty at the log end. The disk is read off the shard.
  virtual runtime::task<result<std::vector<std::byte>>> read(std::int64_t offset) = 0;
};

}  // namespace barnabas::coordinator
