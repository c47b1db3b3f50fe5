// The records of a fetched piece one by one, as views into its bytes or into
// the buffers that its batches were decompressed to; bytes() keeps them. Leaves
// out what stands before the position, control records, and what was aborted.
#pragma once

#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/recycled_buffers.h"
#include "client/fetch_queue.h"
#include "record/plain_reader.h"

namespace barnabas::client {

class piece_reader {
 public:
  // Batches are decompressed into buffers of `memory`, which outlives it.
  piece_reader(fetched_piece piece, bool checks_crcs, recycled_buffers& memory);

  // Puts the next record into `into`. False at the end, and where something is wrong, which
  // outcome() says; then it must not be called again.
  [[gnu::always_inline]] bool next(record::record_view& into) {
    do {
      while (reader_.next(into)) {
        if (into.offset >= position_) {
          position_ = into.offset + 1;
          return true;
        }
      }
    } while (open_batch());
    return false;
  }
  const result<>& outcome() const { return outcome_; }
  const fetched_piece& piece() const { return piece_; }
  // The offset after the last record that was given, or after the last batch at
  // the end.
  std::int64_t position() const { return position_; }
  // Of the leader that wrote the last batch before it; -1 before the first.
  std::int32_t leader_epoch() const { return leader_epoch_; }
  // Records that are left of the open batch at most.
  std::size_t left_of_batch() const { return reader_.left(); }
  // What the records given since the last call point into.
  std::vector<std::shared_ptr<const std::byte[]>> take_buffers();

 private:
  // The next batch with records that are wanted. False at the end of the piece, and where something
  // is wrong.
  bool open_batch();
  result<bool> find_batch();
  result<> open(const record::batch_view& batch);
  bool is_wanted(const record::batch_view& batch);
  result<record::batch_view> flat(const record::batch_view& batch);

  fetched_piece piece_;
  bool checks_crcs_;
  recycled_buffers& memory_;
  std::int64_t position_;
  record::batches batches_;
  record::plain_reader reader_;
  result<> outcome_;
  std::int64_t next_offset_ = 0;  // after the open batch
  std::int32_t leader_epoch_ = -1;
  std::size_t next_aborted_ = 0;
  std::unordered_set<std::int64_t> aborting_;  // producers inside an aborted transaction
  std::shared_ptr<const std::byte[]> flat_;    // of the open batch
  std::vector<std::shared_ptr<const std::byte[]>> buffers_;
};

}  // namespace barnabas::client
