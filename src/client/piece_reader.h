// The records of a fetched piece one by one, as views into its bytes or into
// the buffers that its batches were decompressed to; bytes() keeps them. Leaves
// out what stands before the position, control records, and what was aborted.
#pragma once

#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "client/fetch_queue.h"
#include "record/record_reader.h"

namespace barnabas::client {

class piece_reader {
 public:
  piece_reader(fetched_piece piece, bool checks_crcs);

  // Nothing at the end. After an error it must not be called again.
  result<std::optional<record::record_view>> next();
  const fetched_piece& piece() const { return piece_; }
  // The offset after the last record that was given, or after the last batch at
  // the end.
  std::int64_t position() const { return position_; }
  // Of the leader that wrote the last batch before it; -1 before the first.
  std::int32_t leader_epoch() const { return leader_epoch_; }
  // What the records given since the last call point into.
  std::vector<std::shared_ptr<const std::byte[]>> take_buffers();

 private:
  // False at the end of the piece.
  result<bool> open_batch();
  bool is_wanted(const record::batch_view& batch);
  result<record::batch_view> flat(const record::batch_view& batch);

  fetched_piece piece_;
  bool checks_crcs_;
  std::int64_t position_;
  record::batches batches_;
  std::optional<record::record_reader> reader_;
  std::int64_t next_offset_ = 0;  // after the open batch
  std::int32_t leader_epoch_ = -1;
  std::size_t next_aborted_ = 0;
  std::unordered_set<std::int64_t> aborting_;  // producers inside an aborted transaction
  std::shared_ptr<const std::byte[]> flat_;    // of the open batch
  std::vector<std::shared_ptr<const std::byte[]>> buffers_;
};

}  // namespace barnabas::client
