// A log with what its shard keeps beside it. Owned by the shard_logs of the shard that owns the partition, at a fixed
// address from open or create to delete_log() or stop(); touched only on that shard.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "runtime/time.h"
#include "runtime/wait.h"
#include "storage/log.h"

namespace barnabas::storage {

class flusher;

struct managed_log {
  managed_log(std::unique_ptr<storage::log> opened, int in_directory)
      : log(std::move(opened)), directory(in_directory) {}

  std::unique_ptr<storage::log> log;
  // Which of log.dirs, from 0.
  int directory;
  // Kept by the replica, which moves it; until then what the checkpoint said, at most the log's end. Retention deletes
  // nothing above it, and it is written to replication-offset-checkpoint.
  std::int64_t high_watermark = 0;

 private:
  friend class flusher;
  friend class shard_logs;
  runtime::condition flushed_;                           // a round that held this log has ended
  runtime::steady_time flush_due_ = runtime::no_deadline;  // by flush.ms; no_deadline: nothing appended since
  bool is_queued_ = false;                               // takes part in the next round
  bool is_flushing_ = false;                             // takes part in the current round
  bool is_released_ = false;                             // being deleted or closed
};

}  // namespace barnabas::storage
