// A log with what its shard keeps beside it. `log` and `directory` change when a move ends. Owned
// by the shard_logs of the shard that owns the partition, at a fixed address from open or create to
// delete_log() or stop(); touched only on that shard.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "runtime/time.h"
#include "runtime/wait.h"
#include "storage/log.h"
#include "storage/log_move.h"

namespace barnabas::storage {

class flusher;

struct managed_log {
  managed_log(std::unique_ptr<storage::log> opened, int in_directory)
      : log(std::move(opened)), directory(in_directory) {}

  std::unique_ptr<storage::log> log;
  // Which of log.dirs, from 0.
  int directory;
  // Kept by the replica, which moves it; until then what the checkpoint said, at most the log's
  // end. Retention deletes nothing above it, and it is written to replication-offset-checkpoint.
  std::int64_t high_watermark = 0;
  // Null while it stays where it is.
  std::unique_ptr<log_move> move;
  // The log is being exchanged for its copy: whoever wants to append waits for `resumed`.
  bool is_paused = false;
  runtime::condition resumed;

 private:
  friend class flusher;
  friend class log_manager;
  friend class shard_logs;
  std::int64_t end_at_last_look_ = -1;  // for release_idle()
  // A round that held this log has ended: [0] and [1] in turns, so that the next round's waiters
  // sleep on.
  runtime::condition flushed_[2];
  runtime::steady_time flush_due_ =
      runtime::no_deadline;  // by flush.ms; no_deadline: nothing appended since
  // Of a round that failed for want of space: the next one does it again, too.
  std::unique_ptr<flush_work> unfinished_;
  std::int64_t flushing_offset_ = 0;  // where the current round ends
  std::uint32_t rounds_ = 0;          // that held this log and have begun
  std::uint32_t failures_ = 0;        // rounds that failed for this log alone
  std::uint32_t waiters_ = 0;
  bool is_queued_ = false;    // takes part in the next round
  bool is_flushing_ = false;  // takes part in the current round
  bool is_released_ = false;  // being deleted or closed
  // A round of compaction is under way; it ends soon when somebody holds it off.
  bool is_compacting_ = false;
  bool is_uncleanable_ = false;  // it found damage
  std::uint32_t compaction_holds_ = 0;
  runtime::condition compaction_ended_;
};

}  // namespace barnabas::storage
