// Reading a log: the request, its answer, and the two lookups that can be taken to a file thread
// because they hold all they need: a read from a segment whose files are not open or not in the
// page cache, and the search for a timestamp.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"
#include "storage/aborted_transaction.h"
#include "storage/batch_scan.h"
#include "storage/segment.h"
#include "storage/time_index.h"
#include "storage/transaction_index.h"

namespace barnabas::storage {

class segment_reader;

struct read_request {
  std::int64_t start_offset = 0;
  std::int64_t max_bytes = 0;
  // Only whole batches below it: high watermark, last stable offset or log end offset.
  std::int64_t max_offset = std::numeric_limits<std::int64_t>::max();
  // The first batch is returned even if it is larger than max_bytes (KIP-74).
  bool min_one_batch = true;
  // For read_committed readers.
  bool with_aborted_transactions = false;
  // Of the search for batches.
  reads how = reads::may_wait;
};

struct read_result {
  // From the batch that holds start_offset on, or the next one; of one segment. It may end inside a
  // batch, by max_bytes. Empty (no source) when there is nothing to read.
  runtime::file_slice slice;
  // What max_bytes would also have allowed, but is only the beginning of a large batch.
  std::int64_t held_back_bytes = 0;
  // By first offset; overlaps the slice, and may contain some behind it.
  std::vector<aborted_transaction> aborted;
  // Nothing was found, because that would wait (reads::only_cached).
  bool would_wait = false;

  bool empty() const { return slice.length == 0; }
};

struct segment_range {
  storage::segment segment;
  // Where the next one begins.
  std::int64_t end_offset = 0;
};

// The part of a segment's transaction index that counts.
struct transaction_source {
  std::int64_t base_offset = 0;
  std::int64_t limit_bytes = std::numeric_limits<std::int64_t>::max();
};

// A read that has to open files or to wait for the disk. Value; run() touches nothing of the log,
// so it may run on a file thread.
class cold_read {
 public:
  // Also when the segment was deleted meanwhile: KAFKA_STORAGE_ERROR; ask the log again.
  result<read_result> run();

 private:
  friend class log;

  std::uint64_t replacements_ = 0;  // of the log, when it was asked
  runtime::file_system* files_ = nullptr;
  std::string folder_;
  read_request request_;
  // The segment that holds start_offset, and those behind it where compaction may have emptied its
  // end.
  std::vector<segment_range> segments_;
  std::vector<transaction_source> transaction_sources_;
  std::vector<transaction_index_entry> unwritten_transactions_;
  // Of the first segment, when it is open; then of the one that was read.
  std::shared_ptr<const segment_reader> reader_;
};

struct timestamp_and_offset {
  std::int64_t timestamp = -1;
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;  // -1: unknown
  bool operator==(const timestamp_and_offset&) const = default;
};

// The search of ListOffsets. Value; run() may run on a file thread.
class timestamp_search {
 public:
  // The first record, not below the log start offset, whose timestamp is not below the asked one;
  // or, for the largest timestamp, the first record that has it. Nothing when there is no such
  // record. It reads records, so it may decompress a batch.
  result<std::optional<timestamp_and_offset>> run() const;

 private:
  using found = std::optional<timestamp_and_offset>;
  result<found> run_by_time() const;
  result<found> run_by_maximum() const;
  result<std::shared_ptr<const segment_reader>> open(const storage::segment& segment) const;
  // Where to begin the search in a segment.
  result<std::int64_t> offset_hint(const storage::segment& segment) const;
  result<found> first_not_below(const storage::segment& segment, std::int64_t timestamp,
                                std::int64_t from_offset) const;

  friend class log;

  std::uint64_t replacements_ = 0;  // of the log, when it was asked
  runtime::file_system* files_ = nullptr;
  std::string folder_;
  // Nothing: the record with the largest timestamp.
  std::optional<std::int64_t> timestamp_;
  std::int64_t log_start_offset_ = 0;
  std::vector<storage::segment> segments_;
  // The active segment's reader, if it is the last of segments_, and its time index entries not
  // written yet.
  std::shared_ptr<const segment_reader> active_;
  std::vector<time_index_entry> unwritten_times_;
  std::int64_t written_time_bytes_ = 0;
};

}  // namespace barnabas::storage
