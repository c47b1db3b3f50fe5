// One reading connection: a fetch session (KIP-227) on one partition, the next Fetch (version 12)
// sent when the answer to the last one is whole. The record bytes are dropped inside the kernel, so
// that reading costs the load generator little; since all batches of a run are alike, their count
// follows from their size, and the first one's base offset is checked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/event_loop.h"
#include "bench/load/histogram.h"
#include "bench/load/schedule.h"
#include "bench/wire.h"

namespace barnabas::bench {

// What all readers of a run share.
struct fetch_run {
  std::string topic;
  std::int32_t most_bytes = 1 << 20;
  std::int64_t batch_bytes = 0;    // on disk
  std::int64_t batch_records = 0;  // 0: the bare server, whose batches have no meaning
  std::int64_t measured_from_ns = 0;
  std::int64_t bytes = 0;
  std::int64_t answers = 0;
  const schedule* times = nullptr;
  histogram delivery;  // from the intended sending of a batch to its arrival here
};

class fetch_connection final : public ready_handler {
 public:
  fetch_connection(int descriptor, fetch_run& run, std::int32_t partition, std::int64_t stop_after);
  ~fetch_connection() override;

  void start() { ask(); }
  // Has read `stop_after` bytes; a reader without that goal is never done by itself.
  bool is_done() const { return is_done_; }
  std::int64_t batches() const { return batches_; }
  std::int32_t partition() const { return partition_; }
  void on_ready() override;

 private:
  void ask();
  bool take_head();  // false when more bytes are needed
  void take_partition(wire_reader& reader);
  void count_batches();
  void finish_answer();

  int descriptor_;
  fetch_run& run_;
  std::int32_t partition_;
  std::int64_t stop_after_;
  std::int64_t batches_ = 0;
  std::int64_t bytes_read_ = 0;
  std::int32_t session_id_ = 0;
  std::int32_t session_epoch_ = 0;
  wire_writer request_;
  std::vector<std::byte> head_;  // the first bytes of an answer
  std::size_t received_ = 0;     // of them
  std::int64_t to_drop_ = 0;     // record bytes still to come
  std::int64_t records_bytes_ = 0;
  std::int64_t base_offset_ = -1;
  bool is_done_ = false;
};

}  // namespace barnabas::bench
