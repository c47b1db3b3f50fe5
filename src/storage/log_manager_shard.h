// The logs of one shard: the list that the background jobs walk, the flusher, and what waits for
// deletion. Made by the log_manager, which outlives it; touched only on its shard.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "storage/cleaner.h"
#include "storage/deletion.h"
#include "storage/flusher.h"
#include "storage/log_manager_options.h"
#include "storage/managed_log.h"
#include "storage/offset_checkpoint.h"

namespace barnabas::storage {

enum class checkpoint_kind : std::uint8_t { recovery_point, high_watermark, log_start, cleaner };
inline constexpr std::size_t checkpoint_kinds = 4;

class shard_logs {
 public:
  // `on_failure` runs on the shard when a directory is lost.
  shard_logs(runtime::file_system& files, const log_manager_options& options,
             std::function<void(int directory, const error& reason)> on_failure);

  // Nothing when this shard has no such log. The pointer is good until delete_log() or stop().
  managed_log* find(const topic_partition& partition);
  std::size_t size() const { return logs_.size(); }
  // visit(const topic_partition&, managed_log&); it must not add or delete logs.
  template <class F>
  void for_each(F&& visit) {
    for (auto& [partition, log] : logs_) {
      visit(partition, *log);
    }
  }

  storage::flusher& flusher() { return flusher_; }
  // Nothing, or why the directory of this log takes no writes (KAFKA_STORAGE_ERROR). Ask before
  // each append.
  result<> check_writable(const managed_log& log) const {
    return flusher_.check_online(log.directory);
  }

  // Before a log is truncated on a file thread, or deleted: returns when no round of compaction has
  // it. None begins before as many calls of allow_compaction().
  runtime::task<> hold_compaction(managed_log& log);
  static void allow_compaction(managed_log& log);

  // Retention now, for tests and tools; the background job does it by itself.
  runtime::task<> apply_retention();

 private:
  friend class log_manager;
  friend class log_cleaner;

  // For the cleaner (log_manager_compaction.cpp).

  // The log that needs compaction most and that nobody compacts now. Rolls active segments for
  // which max.compaction.lag.ms is over.
  runtime::task<std::optional<cleaning_candidate>> find_filthiest();
  void roll_for_compaction(managed_log& log, std::int64_t now_ms);
  bool may_compact(const managed_log& log) const;
  runtime::task<bool> may_go_on(const topic_partition& partition) const;
  // Nothing when there is nothing to compact any more. Else end_compaction() must follow.
  runtime::task<std::optional<compaction_input>> begin_compaction(const topic_partition& partition,
                                                                  int& directory);
  // False when the log has changed so that the round is void.
  runtime::task<result<bool>> replace_segments(const topic_partition& partition,
                                               const segment_group& group,
                                               std::uint64_t truncations);
  runtime::task<> end_compaction(const topic_partition& partition,
                                 std::optional<std::int64_t> cleaned_to, bool is_damaged);

  // The offsets of one checkpoint, by directory; nothing when no offset has changed since `hash`,
  // which is updated.
  std::optional<std::vector<offset_lines>> collect(checkpoint_kind kind, std::uint64_t& hash) const;
  void add(topic_partition partition, std::unique_ptr<storage::log> opened, int directory,
           std::int64_t high_watermark);
  void start();
  runtime::task<> repeat(std::chrono::milliseconds interval, runtime::task<> (shard_logs::*job)());
  runtime::task<> expire_producers();
  runtime::task<> release_idle();
  // Ends the jobs and closes the logs of online directories. The directories in which something
  // failed.
  runtime::task<std::vector<bool>> close_all();
  runtime::task<int> close_some(const std::vector<managed_log*>& logs, std::size_t& next,
                                std::vector<bool>& failed);

  runtime::file_system& files_;
  const log_manager_options& options_;
  std::unordered_map<topic_partition, std::unique_ptr<managed_log>> logs_;
  std::set<topic_partition> being_made_;
  bool is_moving_ = false;  // one log at a time
  runtime::condition move_ended_;
  storage::flusher flusher_;
  deletion_queue deletions_;
  runtime::task_group tasks_{"storage"};
};

}  // namespace barnabas::storage
