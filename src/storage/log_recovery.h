// Opening a log: what is in its folder becomes its state. Lives during log::open(), on a file
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "storage/folder_contents.h"
#include "storage/log.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

class log_loader {
 public:
  // Both references outlive it.
  log_loader(storage::log& log, const log_open_options& options, folder_contents folder)
      : log_(log), options_(options), folder_(std::move(folder)) {}

  result<> load();
  // For a log that is open and was cut.
  result<> reload_producers();

 private:
  result<> load_epochs();
  // When their file is damaged: as the headers of the batches have them.
  result<> find_epochs();
  // Sizes and largest timestamps of all segments; a dirty one has no timestamp yet.
  result<> load_segments();
  // A roll that failed may have left an empty file, behind whose offset the segment before went on.
  result<> drop_stray_segments();
  result<std::int64_t> end_of_segment(segment segment) const;
  result<> build_indexes(segment& segment, std::string_view because);
  result<> load_clean_segment(segment& segment, const folder_contents::segment_files& files,
                              std::int64_t next_base_offset);
  // Index of the first segment that must be scanned; the number of segments if none.
  std::size_t first_dirty_segment() const;
  // The newest snapshot that is good and not above `offset`; removes those above and the damaged
  // ones.
  result<> load_snapshot(std::int64_t offset);
  // Brings producer state from map_end_offset to where the segment `end` begins.
  result<> replay_producers(std::size_t end);
  result<> resume_active();
  result<> recover_segments(std::size_t first);
  // False when the segment was cut.
  result<bool> recover_segment(std::size_t index);
  result<bool> take_batches(std::size_t index, segment_writer& writer, runtime::file& file);
  // Nothing when the batch is sound, else why not.
  result<std::optional<std::string>> judge(batch_scan& scan, std::int64_t segment_base,
                                           std::int64_t end_offset);
  // Records are missing before `offset`, where the next one was found.
  bool is_gap(std::int64_t offset) const;
  bool is_hole(std::size_t index, std::int64_t end_offset) const;
  result<> take_producer(batch_scan& scan, segment_writer& writer, segment& segment);
  result<> cut(std::size_t index, std::int64_t position, const std::string& reason);
  result<> drop_segments_behind(std::size_t index);
  result<> finish();
  void remove_stray_snapshots();
  result<> create_first_segment(std::int64_t base_offset);

  storage::log& log_;
  const log_open_options& options_;
  folder_contents folder_;
  // Batches that end at this offset or above have their CRC checked.
  std::int64_t checked_from_ = 0;
  // During recovery: behind the last sound batch, and its epoch.
  std::int64_t next_offset_ = 0;
  std::int32_t last_epoch_ = record::no_leader_epoch;
  bool are_epochs_damaged_ = false;
};

// The name of the log's partition, for log lines.
std::string_view partition_name(const std::string& folder);

}  // namespace barnabas::storage
