// What was fetched and waits for poll(): the one place where the shard of a
// consumer and the thread that polls meet, under one lock. Each piece names the
// generation of its partition's position; a seek begins another one, and older
// pieces are dropped.
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

// An assigned partition. Its members are for whom the comments say.
struct assigned_partition {
  topic_partition name;

  // Under the queue's lock.
  std::uint64_t generation = 0;
  bool is_paused = false;
  bool is_assigned = true;
  std::int64_t position = -1;  // the offset after the last record that was polled; -1 before it

  // Of the shard.
  std::int64_t fetch_offset = -1;  // -1: to be looked up
  std::int64_t look_up_time = -1;  // where: a time of offset_lookup.h
  std::uint64_t fetch_generation = 0;
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

class fetch_queue {
 public:
  explicit fetch_queue(std::int64_t most_bytes) : most_bytes_(most_bytes) {}

  // Of the shard.
  void put(fetched_piece piece);
  bool has_room() const;

  // From any thread.
  runtime::lock& guard() { return lock_; }
  // The next piece whose position is still wanted, and not paused; nothing when
  // there is none.
  std::optional<fetched_piece> take();
  // The same, waiting for it. Not on a shard.
  std::optional<fetched_piece> take_until(runtime::steady_time deadline);

 private:
  std::optional<fetched_piece> take_locked();

  std::int64_t most_bytes_;
  mutable runtime::lock lock_;
  runtime::gate changed_;
  std::deque<fetched_piece> pieces_;
  std::int64_t bytes_ = 0;
};

}  // namespace barnabas::client
