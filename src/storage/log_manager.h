// The log directories of a broker and the logs in them. Lives from before start() until after
// stop(); claim(), start() and stop() run on the home shard (0), which also owns the directories
// and writes their checkpoints; each log belongs to one shard (shard_logs). An offline directory
// refuses all writes with KAFKA_STORAGE_ERROR while the others go on; nothing brings it back but a
// restart.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/topic_partition.h"
#include "base/uuid.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"
#include "runtime/world.h"
#include "storage/adoption.h"
#include "storage/byte_rate.h"
#include "storage/log_config.h"
#include "storage/log_directory.h"
#include "storage/log_manager_options.h"
#include "storage/log_manager_shard.h"

namespace barnabas::storage {

// What the manager asks of those above, on the home shard and only in start().
class partition_registry {
 public:
  virtual ~partition_registry() = default;
  // The id of the partition's topic in the metastore, zero when it has none; nothing when it knows
  // no such partition.
  virtual std::optional<uuid> topic_id_of(const topic_partition& partition) const = 0;
  // Settings of the topic's logs, also of one that is only now adopted.
  virtual std::shared_ptr<const log_config> config_of(const std::string& topic) const = 0;
  // Which shard owns the partition.
  virtual int shard_of(const topic_partition& partition) const = 0;
};

// Whom the directories belong to, as far as their meta.properties say.
struct claimed_identity {
  std::optional<std::string> cluster_id;
  std::optional<std::int32_t> broker_id;
};

struct start_report {
  std::vector<adopted_topic> adopted;
  std::size_t logs = 0;
  std::size_t recovered_logs = 0;  // those in directories that were not closed cleanly
  std::vector<std::string> offline_directories;
};

struct directory_status {
  std::string path;
  bool is_online = true;
  std::string offline_reason;
  std::size_t partitions = 0;
  bool is_cordoned = false;
  runtime::disk_space space;  // of its disk; zero when it is offline
};

class log_manager {
 public:
  log_manager(runtime::world& world, log_manager_options options);
  ~log_manager();

  // Locks all directories and returns whom they belong to, so that the caller can make its cluster
  // id from directories that it takes over. Directories that disagree, are locked by another
  // process or have a malformed meta.properties are an error; one that cannot be read or written is
  // offline, and an error only if no other is left.
  runtime::task<result<claimed_identity>> claim();

  // Checks meta.properties against `ours`, opens every log and hands it to its shard, starts the
  // background jobs. Partitions that the registry does not know are an error, before anything in a
  // directory was changed, unless adopt is set. A partition whose topic has another id in the
  // metastore is set aside as Kafka's -stray folder. After an error only the destructor may follow.
  runtime::task<result<start_report>> start(directory_identity ours,
                                            const partition_registry& registry);

  // Clean stop: flushes and closes all logs, writes the checkpoints and the marks of a clean stop,
  // gives the locks back. No producer and no reader may be left. Without it the next start
  // recovers, as after a crash.
  runtime::task<> stop(std::int64_t broker_epoch = -1);

  // log.dirs, in their order.
  const std::vector<std::string>& directories() const { return options_.directories; }
  // The logs of shard `index`; only for use on that shard.
  shard_logs& on(int index) { return *shards_[static_cast<std::size_t>(index)]; }
  // The logs of the calling shard.
  shard_logs& here() { return on(runtime::shard::current().index()); }

  // On the shard that shall own the log: makes its folder and partition.metadata, durable, in the
  // online directory with the fewest partitions that is not cordoned. The log is empty and there is
  // none yet. KAFKA_STORAGE_ERROR when there is no such directory or the folder cannot be made.
  runtime::task<result<managed_log*>> create_log(topic_partition partition, uuid topic_id,
                                                 std::shared_ptr<const log_config> config);

  // On the owner shard: takes the log out (waiters get KAFKA_STORAGE_ERROR), renames its folder so
  // that no start finds it again, durable on return; the files go after file.delete.delay.ms.
  // UNKNOWN_TOPIC_OR_PARTITION if there is none.
  runtime::task<result<>> delete_log(topic_partition partition);

  // On the owner shard: begins to move the log to that directory of log.dirs, whatever is appended
  // meanwhile; returns when the folder of the copy (storage/log_move.h) has been made. Another move
  // of the log ends; when it is there already, that is all. A start goes on with what a stop or a
  // crash interrupts. UNKNOWN_TOPIC_OR_PARTITION, KAFKA_STORAGE_ERROR (the directory is offline),
  // INVALID_TOPIC_EXCEPTION (the partition's name is too long for folders of moves).
  runtime::task<result<>> move_log(topic_partition partition, int directory);

  // On any shard. To be awaited after a log was truncated, before it is appended to again.
  runtime::task<> write_recovery_points();

  // The rest on the home shard.
  runtime::task<std::vector<directory_status>> status();
  // cordoned.log.dirs (KIP-1066): from now on no new log is made in these; "*" stands for all.
  void set_cordoned(const std::vector<std::string>& directories);
  bool takes_new_logs() const;
  // replica.alter.log.dirs.io.max.bytes.per.second, of all moves together.
  void set_move_rate(std::int64_t bytes_per_second);
  runtime::task<> write_checkpoints();
  log_cleaner& cleaner() { return cleaner_; }

 private:
  friend class log_cleaner;
  struct managed_directory;
  struct open_job;
  struct reservation {
    int directory = 0;
    std::string path;
  };
  // Found by a start, begun again when it has ended.
  struct interrupted_move {
    topic_partition partition;
    int directory = 0;
    std::string folder;
  };
  struct move_pace {
    runtime::steady_time next{};
    std::int64_t most_bytes = 0;
  };
  // What the shards said last for one kind of checkpoint.
  struct checkpoint_cache {
    std::vector<std::uint64_t> hashes;             // by shard
    std::vector<std::vector<offset_lines>> lines;  // by shard and directory
    std::vector<bool> is_outdated;                 // by directory: the file lacks a change
  };

  struct collected {
    std::uint64_t hash = 0;
    std::optional<std::vector<offset_lines>> lines;  // by directory; nothing: as the last time
  };

  runtime::shard& home() { return world_.shard_at(0); }
  runtime::file_system& files() { return world_.files(); }

  runtime::task<result<managed_log*>> make_log(const topic_partition& partition, uuid topic_id,
                                               std::shared_ptr<const log_config> config);

  // log_manager_start.cpp
  result<claimed_identity> agreed_identity() const;
  result<> some_online() const;
  runtime::task<result<>> scan_directories(const directory_identity& ours);
  runtime::task<result<std::vector<adopted_topic>>> check_known(const partition_registry& registry);
  runtime::task<> take_possession(const directory_identity& ours);
  std::vector<open_job> jobs_for(const partition_registry& registry);
  runtime::task<> open_logs(std::vector<open_job>& jobs);
  runtime::task<int> open_some(std::vector<open_job>& jobs, std::size_t& next);
  runtime::task<start_report> hand_over(std::vector<open_job> jobs,
                                        std::vector<adopted_topic> adopted);
  static runtime::task<> take_over(shard_logs& logs, std::vector<open_job> jobs);
  static runtime::task<> start_shard(shard_logs& logs);
  runtime::task<> start_background();

  // log_manager_moves.cpp
  runtime::task<result<>> begin_move(topic_partition partition, managed_log& log, int directory,
                                     std::string folder);
  runtime::task<> end_move(topic_partition partition);
  runtime::task<> run_move(topic_partition partition, managed_log& log);
  runtime::task<> give_up_move(const topic_partition& partition, managed_log& log, error reason,
                               bool was_reserved);
  result<> check_move(const managed_log& log);
  runtime::task<result<>> catch_up(managed_log& log);
  runtime::task<move_pace> pay_for_move(std::int64_t bytes);
  runtime::task<result<>> replace_by_copy(const topic_partition& partition, managed_log& log);
  runtime::task<result<>> exchange_logs(const topic_partition& partition, managed_log& log);
  void find_interrupted_moves();
  runtime::task<> resume_moves(const partition_registry& registry);
  runtime::task<> resume_move(interrupted_move move);

  // log_manager_directories.cpp
  runtime::task<result<reservation>> reserve_in(int directory, topic_partition partition);
  runtime::task<result<reservation>> reserve(topic_partition partition);
  runtime::task<> give_back(int directory, topic_partition partition, bool was_deleted);
  void report_offline(int shard, int directory, const error& reason);
  runtime::task<> spread_offline(int directory, error reason);
  runtime::task<> set_offline(int directory, error reason);
  runtime::task<> mark_failure(const managed_directory& directory);
  static runtime::task<> tell_offline(shard_logs& logs, int directory, std::string reason);
  runtime::task<> write_checkpoint(checkpoint_kind kind);
  static runtime::task<collected> collect(const shard_logs& logs, checkpoint_kind kind,
                                          std::uint64_t hash);
  runtime::task<> write_file(checkpoint_kind kind, managed_directory& directory);
  runtime::task<> repeat_checkpoint(checkpoint_kind kind, std::chrono::milliseconds interval);
  runtime::task<bool> close_directory(managed_directory& directory, std::int64_t broker_epoch);

  runtime::world& world_;
  log_manager_options options_;
  std::vector<std::unique_ptr<shard_logs>> shards_;
  std::vector<std::unique_ptr<managed_directory>> directories_;
  std::array<checkpoint_cache, checkpoint_kinds> checkpoints_;
  std::vector<interrupted_move> interrupted_moves_;
  byte_rate move_rate_;
  bool is_started_ = false;
  bool is_writing_checkpoint_ = false;
  runtime::condition checkpoint_written_;
  log_cleaner cleaner_;
  runtime::task_group tasks_{"log manager"};
};

}  // namespace barnabas::storage
