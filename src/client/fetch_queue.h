// What waits for poll(): fetched records, and what became of the consumer's part in its group. The
// one place where the shard of a consumer and the thread that polls meet, under one lock. Each
// piece names the generation of its partition's position; a seek begins another one, and older
// pieces are dropped. No piece is given while a notice waits or is being dealt with: a poll hears
// of a partition before it gets records of it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/outside.h"

namespace barnabas::client {

// An offset, and the epoch of the leader that wrote the record before it (KIP-320).
struct consumed_place {
  std::int64_t offset = -1;  // -1: nowhere yet
  std::int32_t leader_epoch = -1;

  bool operator==(const consumed_place&) const = default;
};

// An assigned partition. Its members are for whom the comments say.
struct assigned_partition {
  topic_partition name;

  // Under the queue's lock.
  std::uint64_t generation = 0;
  bool is_paused = false;
  // False from when it is withheld on, though it may still be sought and committed.
  bool is_assigned = true;
  consumed_place position;   // after the last record that was polled
  consumed_place processed;  // the same at the beginning of the last poll: the user is done with it
  std::int64_t log_end = -1;  // after the last record that may be read; -1 before it is known

  // Of the shard.
  std::int64_t fetch_offset = -1;   // -1: to be looked up
  std::int64_t look_up_time = -1;   // where: a time of offset_lookup.h, or one of fetcher.cpp
  std::int32_t fetch_epoch = -1;    // of the last batch before fetch_offset
  std::int32_t checked_epoch = -1;  // of the leader that had the batch before fetch_offset, too
  std::int64_t committed = -1;      // the last offset that the group is known to have
  std::uint64_t fetch_generation = 0;
  std::int32_t read_replica = -1;        // where the leader has sent us (KIP-392); -1: nowhere
  std::int32_t read_replica_epoch = -1;  // of that leader
  runtime::steady_time read_replica_until{};
  bool is_looking_up = false;
  runtime::steady_time not_before{};  // after an error
  int failures = 0;
};
using partition_ptr = std::shared_ptr<assigned_partition>;

// A transaction that ended in an abort (KIP-98).
struct aborted_transaction {
  std::int64_t producer_id = 0;
  std::int64_t first_offset = 0;
};

struct fetched_piece {
  partition_ptr from;
  std::uint64_t generation = 0;
  std::int64_t offset = 0;  // that was asked for
  std::shared_ptr<std::byte[]> bytes;
  bytes_view batches;
  std::vector<aborted_transaction> aborted;
  result<> trouble;  // in place of records
};

// What became of the consumer's part in its group, for the callbacks of the user.
struct rebalance_notice {
  enum class kind : std::uint8_t { assigned, revoked, lost, trouble };
  kind what = kind::assigned;
  std::vector<topic_partition> partitions = {};
  error why = {};  // of trouble
};

class fetch_queue {
 public:
  // Of the shard.
  void put(fetched_piece piece);
  // When at most so many bytes wait that poll() could give now.
  bool has_room(std::int64_t most_waiting) const;
  void put(rebalance_notice notice);
  void drop_notices();
  // Every notice has been dealt with.
  bool is_settled() const;
  // From then on the partitions may be others', and no record is given.
  void set_owned_until(runtime::steady_time until);
  // When poll() was called last.
  runtime::steady_time last_poll() const;

  // Of the thread that polls. A poll begins: what the last one gave has been processed. When the
  // one before began.
  runtime::steady_time begin_poll(runtime::steady_time now);
  // After it has been dealt with, handled() is called.
  std::optional<rebalance_notice> take_notice();
  void handled();
  // Whether the piece's place is still where its partition is read.
  bool is_current(const fetched_piece& piece) const;
  // What was read of the piece ends there.
  void advance(const fetched_piece& piece, consumed_place to);

  // From any thread.
  runtime::lock& guard() { return lock_; }
  // The next piece whose position is still wanted, and not paused; nothing when
  // there is none.
  std::optional<fetched_piece> take();
  // The same, waiting for it or for a notice. Not on a shard.
  std::optional<fetched_piece> take_until(runtime::steady_time deadline);

 private:
  std::optional<fetched_piece> take_locked();
  bool is_current_locked(const fetched_piece& piece) const;

  mutable runtime::lock lock_;
  runtime::gate changed_;
  std::deque<fetched_piece> pieces_;
  std::deque<rebalance_notice> notices_;
  bool is_handling_ = false;
  runtime::steady_time last_poll_{};
  runtime::steady_time owned_until_ = runtime::no_deadline;
  partition_ptr last_given_;
};

}  // namespace barnabas::client
