// The log directories of a broker and the logs in them. Lives from before start() until after stop(); claim(), start()
// and stop() run on the home shard (0), which also owns the directories and writes their checkpoints; each log belongs
// to one shard (shard_logs). An offline directory refuses all writes with KAFKA_STORAGE_ERROR while the others go on;
// nothing brings it back but a restart.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/topic_partition.h"
#include "base/uuid.h"
#include "runtime/task.h"
#include "runtime/world.h"
#include "storage/log_config.h"
#include "storage/log_directory.h"
#include "storage/log_manager_shard.h"

namespace barnabas::storage {

struct log_manager_options {
  std::vector<std::string> directories;  // log.dirs, at least one
  bool adopt = false;                    // take over partitions that the metastore does not know
  std::chrono::milliseconds retention_check_interval{300'000};        // log.retention.check.interval.ms
  std::chrono::milliseconds recovery_point_checkpoint_interval{60'000};  // log.flush.offset.checkpoint.interval.ms
  std::chrono::milliseconds log_start_checkpoint_interval{60'000};  // log.flush.start.offset.checkpoint.interval.ms
  std::chrono::milliseconds high_watermark_checkpoint_interval{5'000};  // replica.high.watermark.checkpoint.interval.ms
  std::chrono::milliseconds producer_expiration_check_interval{600'000};  // producer.id.expiration.check.interval.ms
  int concurrent_opens = 4;  // blocking calls in flight while logs are opened or closed
};

// What the manager asks of those above, on the home shard and only in start().
class partition_registry {
 public:
  virtual ~partition_registry() = default;
  // The id of the partition's topic in the metastore, zero when it has none; nothing when it knows no such partition.
  virtual std::optional<uuid> topic_id_of(const topic_partition& partition) const = 0;
  // Settings of the topic's logs, also of one that is only now adopted.
  virtual std::shared_ptr<const log_config> config_of(const std::string& topic) const = 0;
  // Which shard owns the partition.
  virtual int shard_of(const topic_partition& partition) const = 0;
};

// A topic that was found in the directories and that the caller must now register in the metastore.
struct adopted_topic {
  struct partition {
    std::int32_t index = 0;
    std::string directory;
  };
  std::string topic;
  uuid topic_id;  // of partition.metadata; zero if no partition has one, then the caller makes one
  std::vector<partition> partitions;  // by index
};

struct start_report {
  std::vector<adopted_topic> adopted;
  std::size_t logs = 0;
  std::size_t recovered_logs = 0;  // those in directories that were not closed cleanly
  std::vector<std::string> offline_directories;
};

class log_manager {
 public:
  log_manager(runtime::world& world, log_manager_options options);
  ~log_manager();

  // Locks all directories and returns whom they belong to, so that the caller can make its cluster id from a directory
  // that is taken over; nothing when all are new. Directories that disagree, are locked by another process or have a
  // malformed meta.properties are an error; one that cannot be read or written is offline, all of them an error.
  runtime::task<result<std::optional<directory_identity>>> claim();

  // Checks meta.properties against `ours`, opens every log and hands it to its shard, starts the background jobs.
  // Partitions that the registry does not know are an error, before anything in a directory was changed, unless adopt
  // is set. After an error only release() or the destructor may follow.
  runtime::task<result<start_report>> start(directory_identity ours, const partition_registry& registry);

  // Clean stop: flushes and closes all logs, writes the checkpoints and the marks of a clean stop, gives the locks
  // back. No producer and no reader may be left. Without it the next start recovers, as after a crash.
  runtime::task<> stop();

  // The logs of shard `index`; only for use on that shard.
  shard_logs& on(int index) { return *shards_[static_cast<std::size_t>(index)]; }
  // The logs of the calling shard.
  shard_logs& here() { return on(runtime::shard::current().index()); }

  // On the shard that shall own the log: makes its folder and partition.metadata, durable, in the online directory
  // with the fewest partitions. The log is empty. KAFKA_STORAGE_ERROR when no directory is online.
  runtime::task<result<managed_log*>> create_log(topic_partition partition, uuid topic_id,
                                                 std::shared_ptr<const log_config> config);

  // On the owner shard: takes the log out (waiters get KAFKA_STORAGE_ERROR), renames its folder so that no start finds
  // it again, durable on return; the files go after file.delete.delay.ms. UNKNOWN_TOPIC_OR_PARTITION if there is none.
  runtime::task<result<>> delete_log(topic_partition partition);

  struct directory_status {
    std::string path;
    bool is_online = true;
    std::string offline_reason;
    std::size_t partitions = 0;
  };
  // On the home shard.
  std::vector<directory_status> status() const;

  // On the home shard: writes all checkpoints now.
  runtime::task<> write_checkpoints();

 private:
  friend class shard_logs;
  struct managed_directory;
  struct state;

  runtime::world& world_;
  log_manager_options options_;
  std::vector<std::unique_ptr<shard_logs>> shards_;
  std::unique_ptr<state> state_;
};

}  // namespace barnabas::storage
