// Compaction in the background: of all logs with cleanup.policy=compact the one with the largest
// dirty share is compacted first, again and again, and when no log needs it the cleaner waits for
// log.cleaner.backoff.ms. Owned by the log_manager, on the home shard; the work itself is done by
// storage::compaction on file threads, and each log's shard only gives the view of its segments and
// swaps the new ones in. A round ends early, and nothing of its last group is left, when the
// cleaner is stopped or the log is to be truncated or deleted.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"
#include "storage/byte_rate.h"
#include "storage/compaction.h"

namespace barnabas::storage {

class log_manager;
class shard_logs;

struct cleaner_options {
  bool is_enabled = true;                     // log.cleaner.enable
  int threads = 1;                            // log.cleaner.threads: rounds at a time
  std::int64_t map_bytes = 128 << 20;         // log.cleaner.dedupe.buffer.size, for all rounds
  double map_load_factor = 0.9;               // log.cleaner.io.buffer.load.factor
  std::int64_t buffer_bytes = 512 << 10;      // log.cleaner.io.buffer.size, for all rounds
  std::chrono::milliseconds backoff{15'000};  // log.cleaner.backoff.ms
  // log.cleaner.io.max.bytes.per.second, read and written
  double max_bytes_per_second = std::numeric_limits<double>::max();
};

// A log that needs compaction, as its shard sees it.
struct cleaning_candidate {
  topic_partition partition;
  double dirty_ratio = 0;
};

class log_cleaner {
 public:
  // The manager owns this and outlives it.
  log_cleaner(log_manager& manager, const cleaner_options& options)
      : manager_(manager), options_(options), rate_(options.max_bytes_per_second) {}

  void start();
  runtime::task<> stop();
  // What these say counts from now on, for a round that has begun the byte rate; `is_enabled` is
  // looked at in start() only.
  void change(const cleaner_options& options);

  // One round over the log that needs it most. False when there was nothing to do, or nothing could
  // be done.
  runtime::task<bool> clean_filthiest();

 private:
  struct round;

  void start_workers();
  runtime::task<> work();
  runtime::task<std::optional<round>> begin_round();
  runtime::task<result<bool>> run(round& current);
  runtime::task<result<bool>> take_group(round& current);
  runtime::task<bool> may_go_on(const round& current);
  runtime::task<> end_round(round& current, const result<bool>& outcome);
  runtime::task<bool> throttle(const round& current, std::int64_t bytes);

  log_manager& manager_;
  cleaner_options options_;
  byte_rate rate_;
  int workers_ = 0;
  bool has_started_ = false;
  runtime::condition woken_;
  runtime::task_group tasks_{"cleaner"};
};

}  // namespace barnabas::storage
