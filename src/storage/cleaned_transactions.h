// The transactions that a compaction comes by on its way through a log: which batches belong to
// aborted ones, and which markers end a transaction of which nothing is left. Fed with the batches
// of a log in the order of their offsets, from an offset on at which the entries of the transaction
// index begin to count. A value of one pass, on a file thread.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "record/batch_view.h"
#include "storage/transaction_index.h"

namespace barnabas::storage {

class cleaned_transactions {
 public:
  // `aborted`: of the log's transaction indexes, in any order.
  explicit cleaned_transactions(std::vector<transaction_index_entry> aborted);

  // Whether the data batch belongs to an aborted transaction.
  bool is_aborted(const record::batch_header& batch);

  struct marker_state {
    // No batch of the transaction was seen: nobody needs the marker any more.
    bool is_obsolete = false;
    // Of an abort that readers must still know, for the transaction index of the new segment.
    std::optional<transaction_index_entry> aborted;
  };
  // Of a control batch. INVALID_RECORD when its record cannot be read.
  result<marker_state> take_marker(const record::batch_view& batch);

 private:
  struct open_abort {
    transaction_index_entry entry;
    bool was_seen = false;
  };

  void begin_aborts_up_to(std::int64_t offset);

  std::vector<transaction_index_entry> aborted_;  // by first offset
  std::size_t next_aborted_ = 0;
  std::unordered_map<std::int64_t, open_abort> aborting_;
  std::unordered_set<std::int64_t> committing_;
};

}  // namespace barnabas::storage
