// The shared fdatasync of one shard: "an acknowledgement means two copies or one on disk". Logs
// that somebody waits for are gathered per directory and made durable in rounds: one round runs at
// a time in a directory, the appends that arrive meanwhile share the next one, and a round starts
// at once when none runs. fdatasync runs on the file threads. A failed sync is final: its directory
// goes offline (on_failure tells the other shards) and all its waiters, present and future, get
// KAFKA_STORAGE_ERROR unless what they wait for was on disk before.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/time.h"
#include "storage/managed_log.h"

namespace barnabas::storage {

namespace detail {
struct flushed_log;
}

class flusher {
 public:
  // `directories` are log.dirs in their order. `on_failure` runs on this shard, once a directory,
  // for a failed sync.
  flusher(runtime::file_system& files, std::vector<std::string> directories,
          std::function<void(int directory, const error& reason)> on_failure);
  ~flusher();

  // Returns when every record below `offset` is on disk. KAFKA_STORAGE_ERROR when it will not be
  // (failed sync, offline directory, log deleted meanwhile), NOT_LEADER_OR_FOLLOWER when the log
  // was truncated below it, REQUEST_TIMED_OUT at the deadline.
  runtime::task<result<>> wait_durable(managed_log& log, std::int64_t offset,
                                       runtime::steady_time deadline);

  // To be called after each append (a few comparisons). Starts a round that nobody waits for when a
  // segment was rolled, and notes when flush.ms ends. True when flush.messages is reached: as in
  // Kafka the append is then acknowledged only when it is on disk (wait_durable).
  bool appended(managed_log& log);

  // Makes all of these durable; the first error.
  runtime::task<result<>> flush_all(std::vector<managed_log*> logs);

  // The directory is lost: wakes its waiters with an error and starts no more rounds in it.
  void set_offline(int directory, const std::string& reason);
  // Whether a log that is not found may stand in a directory that is lost.
  bool has_offline_directory() const;
  // Nothing, or KAFKA_STORAGE_ERROR and why the directory is offline.
  result<> check_online(int directory) const;

  // Lets go of the log before it is deleted or closed: its waiters get KAFKA_STORAGE_ERROR; returns
  // when they and the round that holds it have ended.
  runtime::task<> release(managed_log& log);
  // It stays after all.
  void take_back(managed_log& log);

  // Ends the rounds and the waiting for flush.ms; nobody may wait any more.
  runtime::task<> stop();

  struct counters {
    std::uint64_t rounds = 0;
    std::uint64_t logs = 0;  // flushed, summed over the rounds
    std::uint64_t file_system_syncs =
        0;  // rounds that synced the whole file system instead of files
  };
  const counters& totals() const { return totals_; }

 private:
  struct lane;

  lane& lane_of(const managed_log& log) { return *lanes_[static_cast<std::size_t>(log.directory)]; }
  void enqueue(managed_log& log);
  runtime::condition& place_to_wait(managed_log& log, std::int64_t offset);
  static std::optional<flush_work> take_work(managed_log& log);
  std::vector<detail::flushed_log> begin_round(lane& lane);
  void end_round(lane& lane, std::vector<detail::flushed_log>& round);
  runtime::task<> run_rounds(lane& lane);
  runtime::task<> sync_round(const lane& lane, std::vector<detail::flushed_log>& round);
  runtime::task<int> sync_some(const lane& lane, std::vector<detail::flushed_log>& round,
                               std::size_t first, std::size_t step);
  void fail(lane& lane, const error& reason);
  runtime::task<> watch_flush_times();

  runtime::file_system& files_;
  std::function<void(int, const error&)> on_failure_;
  std::vector<std::unique_ptr<lane>> lanes_;
  std::vector<managed_log*> timed_;  // those with a flush_due_
  runtime::steady_time watched_until_ = runtime::no_deadline;
  bool is_watching_ = false;
  runtime::condition timed_changed_;
  runtime::condition round_ended_;
  counters totals_;
  runtime::task_group tasks_{"flusher"};
};

}  // namespace barnabas::storage
