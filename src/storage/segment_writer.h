// What only the active segment of a log has: its file open for writing, the tails of its indexes,
// where its last batches begin. Lives on the log's shard from roll to roll; the `segment` that each
// call gets is the log's entry for it. The file is opened when it is needed and may be given back
// at any time (release()).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "runtime/file_system.h"
#include "storage/batch_scan.h"
#include "storage/index_tail.h"
#include "storage/log_config.h"
#include "storage/offset_index.h"
#include "storage/segment.h"
#include "storage/segment_reader.h"
#include "storage/time_index.h"
#include "storage/transaction_index.h"

namespace barnabas::storage {

class segment_writer {
 public:
  // `folder` is the log's, which outlives this and may change. `extension` is added to the names of
  // all files: a segment that is not in the log yet.
  segment_writer(runtime::file_system& files, const std::string& folder, std::int64_t base_offset,
                 std::string_view extension = {})
      : files_(files), folder_(folder), base_offset_(base_offset), extension_(extension) {}

  // Makes the segment's file, empty even if there was one.
  result<> create(const log_config& config);
  // The open file.
  result<std::shared_ptr<runtime::file>> file();
  const std::shared_ptr<runtime::file>& file_if_open() const { return file_; }

  // Writes the parts at the end and adds to the segment's size. After an error the end is as it
  // was, also on disk as soon as the disk allows it.
  result<> write(segment& active, std::span<const bytes_view> parts, std::int64_t bytes,
                 const log_config& config);
  // Of each batch that was written: index entries, timestamps, where it begins.
  void note_batch(segment& active, const scanned_batch& batch, std::int64_t index_interval_bytes);
  void note_aborted(segment& active, const transaction_index_entry& entry);
  // Index entries go to the files when many have gathered. An error costs nothing: they stay in
  // memory.
  void spill_if_large();
  // The index files become what is known here, so not before it is known (resume(), restart()).
  // Only those with something to add, unless `with_empty_ones`.
  result<> write_indexes(bool with_empty_ones);

  bool is_index_full(const log_config& config) const;
  // The largest timestamp of the first batch, by which segment.ms counts; no_timestamp when the
  // segment is empty.
  result<std::int64_t> first_timestamp(const segment& active);

  // As segment_reader's, for batches up to the size of `active`.
  result<found_batch> find(const segment& active, std::int64_t offset, reads how = reads::may_wait);
  std::optional<std::int64_t> offset_bound_at(std::int64_t position);
  batch_bounds starts_around(std::int64_t position);
  std::size_t written_time_bytes() const { return times_.written_bytes(); }
  std::size_t written_transaction_bytes() const { return transactions_.written_bytes(); }
  // For use on another thread.
  result<std::shared_ptr<const segment_reader>> reader(const segment& active);
  const std::vector<time_index_entry>& unwritten_times() const { return times_.unwritten(); }
  const std::vector<transaction_index_entry>& unwritten_transactions() const {
    return transactions_.unwritten();
  }

  // The segment will not be written to any more, or not soon: all index entries are in the files,
  // the time index ends with the largest timestamp, nothing is reserved.
  result<> seal(const segment& active);
  // Cuts the files at `position`, where the batches from `offset` on begin. Index files are
  // trusted: of a segment that was written to, write_indexes(true) comes first. resume() must
  // follow.
  result<> truncate(segment& active, std::int64_t position, std::int64_t offset);
  // It is opened again when it is needed.
  void close_file() { file_.reset(); }
  // Closes the file and writes index entries; gives spare memory back.
  void release();

  // Reading a segment at start: continue the index files that are there, trusting them (size of the
  // log file in active.size_bytes), then note what follows the last entry. Returns the offset
  // behind the last batch. Error CORRUPT_MESSAGE when they do not fit, then a recovery must scan
  // the segment.
  result<std::int64_t> resume(segment& active, std::int64_t index_interval_bytes);
  // Cuts off what may be reserved behind the end since before a crash.
  result<> trim(const segment& active);
  // Forgets everything that is known, before a scan from the start. Index files are written anew.
  void restart();

 private:
  struct recent_batch {
    std::uint32_t relative_base = 0;
    std::uint32_t relative_last = 0;
    std::uint32_t position = 0;
  };
  static constexpr std::size_t recent_kept = 32;

  std::string path(std::string_view suffix) const;
  result<> cut_back(std::int64_t size_bytes);
  void reserve(std::int64_t size_bytes, const log_config& config);
  void add_time(const segment& active);
  std::optional<std::int64_t> recent_position(std::int64_t offset, std::int64_t size_bytes) const;
  result<bytes_view> written_offsets();
  // Of the last index entry whose field is not above `value`, and of the one behind it: among those
  // that are not written yet, or as find_written sees those that are.
  result<batch_bounds> bounds_around(std::int32_t offset_index_entry::* field, std::int64_t value,
                                     batch_bounds (*find_written)(bytes_view, std::int64_t));
  result<> cut_indexes(segment& active, std::int64_t offset);

  runtime::file_system& files_;
  const std::string& folder_;
  std::int64_t base_offset_;
  std::string_view extension_;
  std::shared_ptr<runtime::file> file_;
  index_tail<offset_index_entry> offsets_;
  index_tail<time_index_entry> times_;
  index_tail<transaction_index_entry> transactions_;
  // The written part of the offset index; mapped on use.
  shared_bytes mapped_offsets_;
  std::int64_t bytes_since_index_entry_ = 0;
  std::int64_t reserved_bytes_ = 0;
  std::optional<std::int64_t> first_timestamp_;
  // The last batches, newest at recent_next_ - 1.
  std::array<recent_batch, recent_kept> recent_;
  std::uint8_t recent_count_ = 0;
  std::uint8_t recent_next_ = 0;
  // A write failed and its bytes may still be behind the end.
  bool has_stale_end_ = false;
};

}  // namespace barnabas::storage
