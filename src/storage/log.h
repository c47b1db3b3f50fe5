// The log of one partition: its segments on disk in Kafka's format, its leader epochs and its
// producers. Lives on the shard that owns the partition and is touched only there. open() and the
// functions that say so may block; append() and warm reads stay in the page cache. At rest it holds
// little memory and at most one open file, none after release_idle().
//
// Always true: offsets [log_start_offset, log_end_offset) can be read; what is below recovery_point
// is on disk and is not looked at by the recovery after a crash; the last segment is the active
// one; batches in files are whole. An I/O error (KAFKA_STORAGE_ERROR, with errno) leaves the log as
// it was before the call. Destroying a log writes nothing, as a crash would; close() is the clean
// end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "record/validator.h"
#include "runtime/file_system.h"
#include "storage/leader_epoch_cache.h"
#include "storage/log_config.h"
#include "storage/log_flush.h"
#include "storage/log_read.h"
#include "storage/producer_state.h"
#include "storage/segment.h"

namespace barnabas::storage {

class batch_scan;
struct compaction_input;
struct producer_end;
struct segment_group;
class segment_writer;
class log_loader;

struct log_open_options {
  std::shared_ptr<const log_config> config;
  // Of the checkpoints; 0 when they know nothing.
  std::int64_t recovery_point = 0;
  std::int64_t log_start_offset = 0;
  std::int64_t cleaned_offset = -1;  // -1: never compacted
  // The directory was closed cleanly: nothing is checked.
  bool had_clean_shutdown = false;
  std::int64_t now_ms = 0;
  // Somebody else wrote it, and may have compacted it: a hole between two segments is no damage.
  bool may_be_compacted = false;
};

// What recovery found at open(); all zero when it had nothing to do.
struct recovery_report {
  std::int64_t checked_bytes = 0;
  std::int64_t cut_bytes = 0;
  std::int32_t deleted_segments = 0;
};

struct append_info {
  std::int64_t first_offset = -1;
  std::int64_t last_offset = -1;
  // The batch was in the log already (idempotent producer): the offsets are those it got then.
  bool is_duplicate = false;
  // Of a duplicate its first append's timestamp, else no_timestamp.
  std::int64_t duplicate_timestamp = record::no_timestamp;
};

// One leader append of several that share a write.
struct leader_append {
  // Whole batches, validated (record::validate); they get their offsets and leader epoch in place.
  mutable_bytes batches;
  record::origin origin = record::origin::client;
  result<append_info> outcome;
};

// What compaction could do in a log.
struct cleanable_range {
  // From here on nothing was compacted yet; and the segment that holds it.
  std::int64_t dirty_offset = 0;
  std::int64_t first_dirty_segment = 0;
  // Behind the last record that may be.
  std::int64_t end_offset = 0;
  std::int64_t clean_bytes = 0;
  std::int64_t dirty_bytes = 0;

  double dirty_ratio() const {
    const std::int64_t bytes = clean_bytes + dirty_bytes;
    return bytes == 0 ? 0 : static_cast<double>(dirty_bytes) / static_cast<double>(bytes);
  }
};

struct retention_result {
  // Renamed to .deleted; to be removed after file.delete.delay.ms. They go at the next open(), too.
  std::vector<std::string> files;
  std::int32_t segments = 0;
  std::int64_t bytes = 0;
};

class log {
 public:
  // Opens or makes the log in `folder`, which exists. Blocks. After an unclean stop checks every
  // batch from the recovery point on, cuts the log before the first that is not whole and sound,
  // and says so in the log; indexes and producer state are rebuilt. Error: KAFKA_STORAGE_ERROR,
  // naming the file.
  static result<std::unique_ptr<log>> open(runtime::file_system& files, std::string folder,
                                           const log_open_options& options);
  ~log();
  log(const log&) = delete;
  log& operator=(const log&) = delete;

  const std::string& folder() const { return folder_; }
  // After the folder was renamed, while nothing else is under way.
  void set_folder(std::string folder) { folder_ = std::move(folder); }
  const log_config& config() const { return *config_; }
  const std::shared_ptr<const log_config>& shared_config() const { return config_; }
  void set_config(std::shared_ptr<const log_config> config) { config_ = std::move(config); }
  const recovery_report& recovery() const { return recovery_; }

  std::int64_t log_start_offset() const { return log_start_offset_; }
  std::int64_t log_end_offset() const { return log_end_offset_; }
  std::int64_t recovery_point() const { return recovery_point_; }
  std::int64_t size_bytes() const;
  // Bytes of the batches in segments that hold [offset, log end), counted by segments.
  std::int64_t size_bytes_from(std::int64_t offset) const;
  const std::vector<segment>& segments() const { return segments_; }

  // --- appending
  // Errors: KAFKA_STORAGE_ERROR; of the producer rules those of producer_state::update. Nothing was
  // appended then.
  result<append_info> append_as_leader(mutable_bytes batches, std::int32_t leader_epoch,
                                       record::origin origin, std::int64_t now_ms);
  // Several in one write, each with its own outcome; one that is refused does not touch the others.
  void append_as_leader(std::span<leader_append> appends, std::int32_t leader_epoch,
                        std::int64_t now_ms);
  // Batches with offsets and epochs as the leader gave them (sizes and CRC checked before); an
  // incomplete last one is left out. OFFSET_OUT_OF_RANGE when they do not begin at log_end_offset
  // or above, CORRUPT_MESSAGE when their offsets do not ascend. When nothing is whole, first_offset
  // is -1.
  result<append_info> append_as_follower(bytes_view batches, std::int64_t now_ms);

  // --- reading
  // OFFSET_OUT_OF_RANGE outside of [log_start_offset, log_end_offset]. May block if cold_read_for()
  // says so, or, unless reads::only_cached, when batches are not in the page cache.
  result<read_result> read(const read_request& request);
  // Set when the read has to open files: run it through runtime::blocking() instead of read().
  std::optional<cold_read> cold_read_for(const read_request& request);
  // The same for a read that found that it would wait.
  cold_read waiting_read_for(const read_request& request);
  // The three together, for a shard: what is to be run through runtime::blocking(), or nothing and
  // the answer in `into`.
  std::optional<cold_read> read_cached(read_request request, result<read_result>& into);
  // After its run(): the next read of that segment is warm. False when compaction has replaced
  // segments meanwhile, so that it may have opened files that do not belong together: ask again.
  bool keep(const cold_read& done);

  // ListOffsets by time, and for the largest timestamp. Its run() may block.
  timestamp_search search_timestamp(std::int64_t timestamp);
  timestamp_search search_max_timestamp();
  // False as for keep().
  bool is_current(const timestamp_search& done) const {
    return done.replacements_ == replacements_;
  }

  // --- leader epochs
  const leader_epoch_cache& leader_epochs() const { return epochs_; }
  // The new leader's epoch begins at the log end.
  void start_leader_epoch(std::int32_t epoch);
  epoch_end_offset end_offset_for_epoch(std::int32_t epoch) const;

  // --- producers
  const producer_state& producers() const { return producers_; }
  // The first unstable offset, or the high watermark if there is none below it.
  std::int64_t last_stable_offset(std::int64_t high_watermark) const;
  // The high watermark has moved up: transactions whose markers are below it are stable.
  void advance_high_watermark(std::int64_t high_watermark) {
    producers_.advance_high_watermark(high_watermark);
  }
  void remove_expired_producers(std::int64_t now_ms);

  // --- truncation and deletion

  // These touch
  // files and may block: nothing else may use the log meanwhile. They lower the recovery point,
  // whose checkpoint is to be written before the log is appended to again. Removes everything from
  // `offset` on; of a batch that spans it, all. Slices given out before stay readable, but show
  // what is written there later.
  result<> truncate_to(std::int64_t offset);
  // Removes everything; the next offset is `offset`.
  result<> truncate_fully_and_start_at(std::int64_t offset);
  // The next offset is `offset`, above the log end: there is a hole, as compaction leaves it.
  result<> extend_to(std::int64_t offset, std::int64_t now_ms);
  // How often the log was cut so far.
  std::uint64_t truncations() const { return truncations_; }

  // DeleteRecords, or a follower that learns it; at most log_end_offset. Returns whether it moved.
  // No I/O.
  bool advance_log_start_offset(std::int64_t offset);
  // Takes out old segments by retention.ms, retention.bytes (if the policy is delete) and log start
  // offset, never one with records at the high watermark or above; renames files (a few system
  // calls a segment, no reading).
  result<retention_result> delete_old_segments(std::int64_t now_ms, std::int64_t high_watermark);

  // --- compaction, a round of which is a storage::compaction
  // Below it the log is compacted; -1 when it never was. For the cleaner's checkpoint.
  std::int64_t cleaned_offset() const { return cleaned_offset_; }
  void set_cleaned_offset(std::int64_t offset) { cleaned_offset_ = offset; }
  // What a round would find: whole segments, on disk, below the last stable offset and the active
  // segment, and no record younger than min.compaction.lag.ms.
  cleanable_range find_cleanable(std::int64_t now_ms, std::int64_t high_watermark) const;
  compaction_input take_compaction_input(const cleanable_range& range, std::int64_t now_ms) const;
  // Puts a new segment, whose files end in .swap, in the place of those that it came from: a few
  // renames a segment, no I/O. The old files are to be removed as those of delete_old_segments().
  // Nothing when the log was cut or lost segments since the input was taken; an error leaves the
  // names of the files between old and new, as only a start can mend.
  result<std::optional<retention_result>> replace_segments(const segment_group& group,
                                                           std::uint64_t truncations);
  // Rolls the active segment when max.compaction.lag.ms has passed since its first record.
  result<bool> roll_for_compaction(std::int64_t now_ms);

  // --- flushing
  std::int64_t unflushed_messages() const { return log_end_offset_ - recovery_point_; }
  bool has_unflushed_segment() const;
  // Everything that is in the log now; nothing when it is on disk already. Run its two calls on a
  // file thread, then flushed(). One at a time.
  std::optional<flush_work> take_flush_work();
  void flushed(const flush_work& done);

  // --- rest
  // This log is a copy of `old`, up to the same end: takes over what is not in the batches. What
  // was found in files of `old` is not kept (keep(), is_current()).
  void take_place_of(const log& old);
  // Starts a new segment at the log end, if the active one has records.
  result<> roll(std::int64_t now_ms);
  // Writes the index entries that are only in memory and gives back open files and spare memory.
  // For logs that nobody used for a while; cheap when there is nothing to give back.
  void release_idle();
  // Clean end; blocks. Indexes are trimmed, a producer snapshot is written, everything is synced.
  // The recovery point is the log end afterwards.
  result<> close();

 private:
  friend class log_loader;
  class append_group;

  log(runtime::file_system& files, std::string folder, std::shared_ptr<const log_config> config);

  segment& active() { return segments_.back(); }
  const segment& active() const { return segments_.back(); }
  // Of the segment that holds the offset, or the first one.
  std::size_t segment_index_of(std::int64_t offset) const;
  // Where the segment behind this one begins.
  std::int64_t end_offset_of(std::size_t index) const;
  // All files that a segment may have, its snapshot included.
  std::vector<std::string> files_of(const segment& segment) const;

  result<bool> should_roll(const record::batch_header& first, std::int64_t pending_bytes,
                           std::int64_t bytes, std::int64_t last_offset, std::int64_t now_ms);
  result<> roll_to(std::int64_t base_offset, std::int64_t now_ms);

  result<> check_range(std::int64_t offset) const;
  bool is_warm(std::size_t index) const;
  result<read_result> read_active(const read_request& request);
  result<read_result> read_segment(const read_request& request, std::size_t index);
  // Of the segment and those behind it.
  std::vector<transaction_source> transaction_sources(std::size_t index) const;
  timestamp_search make_search(std::optional<std::int64_t> timestamp);
  result<> remove_segments_behind(std::size_t index);
  result<> mark_end();
  producer_end durable_end_of(const producer_entry& producer) const;
  std::optional<std::size_t> find_group(const segment_group& group) const;

  std::size_t count_deletable(std::int64_t now_ms, std::int64_t high_watermark) const;

  // A failed snapshot is only a warning: what it would have said is in the batches.
  void write_snapshot(std::int64_t offset);
  // Takes a batch of the log into producer state, and returns the transaction that it ended.
  result<std::optional<completed_transaction>> take_producer(batch_scan& scan);
  result<> replay_producers(const segment& from, std::int64_t from_offset);
  result<> reload_producers();
  result<> remove_snapshots();
  result<> write_epochs();

  runtime::file_system& files_;
  std::string folder_;
  std::shared_ptr<const log_config> config_;
  std::vector<segment> segments_;
  std::unique_ptr<segment_writer> writer_;
  std::shared_ptr<const segment_reader> cold_reader_;
  leader_epoch_cache epochs_;
  producer_state producers_;
  std::int64_t log_start_offset_ = 0;
  std::int64_t log_end_offset_ = 0;
  std::int64_t recovery_point_ = 0;
  std::int64_t last_snapshot_offset_ = -1;
  std::uint64_t truncations_ = 0;
  std::uint64_t replacements_ = 0;
  std::int64_t cleaned_offset_ = -1;
  recovery_report recovery_;
  bool are_epochs_dirty_ = false;
  bool has_folder_changed_ = false;
};

}  // namespace barnabas::storage
