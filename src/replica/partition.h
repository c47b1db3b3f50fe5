// One partition that this broker holds: who leads it, which replicas are in sync, and up to where
// its records are committed. Lives on its owner shard from open to close; the log below it belongs
// to the shard's storage. After each wait the partition may have been closed or led by another:
// every call checks its leader epoch again.
//
// Always true: log start <= high watermark <= log end; the high watermark does not go back while
// this broker leads. As long as the in-sync set is this broker alone the high watermark is the log
// end: readers see a record when it is written; its producer hears of it when the rule of
// acknowledgement is met.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/topic_partition.h"
#include "record/validator.h"
#include "replica/data_waiter.h"
#include "runtime/task.h"
#include "runtime/wait.h"
#include "storage/log_manager_shard.h"

namespace barnabas::replica {

// What acks=all promises (setting barnabas.acknowledge).
enum class acknowledgement : std::uint8_t {
  replicated_or_disk,  // all in-sync replicas have it, at least two; alone, it is on disk
  disk,                // and it is on this broker's disk
  memory,              // all in-sync replicas have it, if only in memory (Apache Kafka's rule)
};

// As the controller decided it.
struct leadership {
  std::int32_t leader = -1;
  std::int32_t leader_epoch = 0;
  std::int32_t partition_epoch = 0;
  std::vector<std::int32_t> isr;
};

enum class isolation : std::uint8_t { read_uncommitted, read_committed, log_end };

struct append_outcome {
  std::int64_t base_offset = -1;
  std::int64_t end_offset = -1;    // what wait_committed() waits for
  std::int32_t leader_epoch = -1;  // in which it was appended
  std::int64_t log_start_offset = -1;
  std::int64_t duplicate_timestamp = -1;
  // flush.messages was reached: whatever acks says, it is acknowledged when it is on disk.
  bool needs_disk = false;
};

struct read_position {
  std::int64_t offset = 0;
  std::int32_t current_leader_epoch = -1;  // -1: the reader does not know it
  std::int32_t last_fetched_epoch = -1;
  std::int64_t max_bytes = 0;
  isolation level = isolation::read_uncommitted;
  bool min_one_batch = true;
};

// Offsets are -1 where an error keeps them unknown.
struct read_outcome {
  error_code error = error_code::none;
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::int64_t log_start_offset = -1;
  std::optional<storage::epoch_end_offset>
      diverging;  // KIP-595: where the reader's log leaves this one
  storage::read_result data;
};

class partition {
 public:
  // `log` stays where it is until close(); `logs` are those of the owner shard.
  partition(topic_partition name, std::int32_t broker_id, storage::managed_log& log,
            storage::shard_logs& logs);
  ~partition();
  partition(const partition&) = delete;
  partition& operator=(const partition&) = delete;

  const topic_partition& name() const { return name_; }
  const leadership& state() const { return state_; }
  bool is_leader() const { return log_ != nullptr && state_.leader == broker_id_; }
  bool is_closed() const { return log_ == nullptr; }
  std::int64_t high_watermark() const { return log_ ? log_->high_watermark : -1; }
  std::int64_t log_end_offset() const { return log_ ? log_->log->log_end_offset() : -1; }
  storage::managed_log* log() { return log_; }

  // Takes the controller's decision; one with an older leader epoch is refused (STALE_BROKER_EPOCH
  // is for requests, so: false).
  bool apply(leadership next);
  // Every waiter gets NOT_LEADER_OR_FOLLOWER; afterwards the log may go.
  void close();

  // Appends what record::validate() accepted; what several producers bring at one moment shares a
  // write. The bytes get their offsets in place and live until the task ends. Errors:
  // NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS (acks=all and fewer than `min_isr` in sync),
  // KAFKA_STORAGE_ERROR, and those of storage::producer_state.
  runtime::task<result<append_outcome>> append(mutable_bytes batches, record::origin origin,
                                               std::optional<std::int32_t> min_isr);
  // Returns when the appended records are acknowledged as `rule` says. REQUEST_TIMED_OUT at the
  // deadline, NOT_LEADER_OR_FOLLOWER when the leader epoch has changed since, KAFKA_STORAGE_ERROR.
  runtime::task<result<>> wait_committed(append_outcome appended, acknowledgement rule,
                                         runtime::steady_time deadline);

  // Returns when the appended records are on this broker's disk. Errors as above.
  runtime::task<result<>> wait_on_disk(append_outcome appended, runtime::steady_time deadline);

  // Finds the records for a reader: file slices, no bytes are read while the log's files are open.
  runtime::task<read_outcome> read(read_position position);
  // Records at and above `offset` that a reader of this level sees, in bytes; an estimate by
  // segments.
  std::int64_t readable_end(isolation level) const;
  // Called back whenever readable_end() may have moved.
  void add(data_waiter& waiter) { waiters_.add(waiter); }

  // ListOffsets: a time in ms, or a special timestamp of Kafka (-1 latest, -2 earliest, -3 largest
  // timestamp, -4 earliest local, -5 latest tiered). An offset of -1 when no record answers it.
  runtime::task<result<storage::timestamp_and_offset>> find_offset(
      std::int64_t timestamp, isolation level, std::int32_t current_leader_epoch);
  // OffsetForLeaderEpoch (KIP-320).
  result<storage::epoch_end_offset> end_offset_for_epoch(std::int32_t epoch,
                                                         std::int32_t current_leader_epoch) const;
  // DeleteRecords up to `offset`; -1 is the high watermark. Returns the new log start offset.
  result<std::int64_t> delete_records(std::int64_t offset);

 private:
  struct pending_append;

  runtime::task<> while_paused();
  runtime::task<result<storage::read_result>> read_log(storage::read_request request);
  runtime::task<result<std::optional<storage::timestamp_and_offset>>> search(
      std::int64_t timestamp);
  result<> check_leader(std::int32_t current_leader_epoch) const;
  result<> check_append(std::optional<std::int32_t> min_isr) const;
  void append_pending();
  void advance_high_watermark();
  std::optional<storage::epoch_end_offset> divergence(const read_position& position) const;

  topic_partition name_;
  std::int32_t broker_id_;
  storage::managed_log* log_;  // null once closed
  storage::shard_logs& logs_;
  leadership state_;
  data_waiters waiters_;
  runtime::condition moved_;  // the high watermark, or leadership
  pending_append* first_pending_ = nullptr;
  pending_append* last_pending_ = nullptr;
  std::size_t pending_bytes_ = 0;
};

}  // namespace barnabas::replica
