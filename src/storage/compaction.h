// One round of compaction over one log, as a machine that runs on file threads in short steps. The
// log's shard gives it a view of the segments (compaction_input) and takes the new segments from it
// (log::replace_segments); between the two it touches nothing but files that it makes itself. The
// way of a round: the dirty part is read and the newest offset of each key noted; then all segments
// up to where the notes reach are read in groups, each of which becomes one new segment, written as
// .cleaned, synced, and renamed to .swap. From then on a start of the log finishes what is left to
// do.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"
#include "storage/batch_chunks.h"
#include "storage/batch_cleaner.h"
#include "storage/key_offsets.h"
#include "storage/log_config.h"
#include "storage/log_read.h"
#include "storage/segment.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

// What the shard knows, taken at once.
struct compaction_input {
  std::string folder;
  std::shared_ptr<const log_config> config;
  // All segments that end at `end_offset` or below; none of them is the active one.
  std::vector<segment_range> segments;
  // Records from here to end_offset have not been compacted yet.
  std::int64_t dirty_offset = 0;
  std::int64_t end_offset = 0;
  // Of the whole log.
  std::vector<transaction_source> transaction_sources;
  std::vector<transaction_index_entry> unwritten_transactions;
  producer_ends producers;
  std::int64_t now_ms = 0;
  // Of the log's cuts: a round that spans one is void.
  std::uint64_t truncations = 0;
};

struct compaction_limits {
  std::int64_t map_bytes = 128 << 20;
  double map_load_factor = 0.9;
  std::size_t buffer_bytes = 1 << 20;
  std::uint64_t seed = 0;
};

// A new segment, whose files are there with the suffix .swap, and those whose place it takes.
struct segment_group {
  std::vector<segment_range> replaced;
  segment cleaned;
};

class compaction {
 public:
  enum class state : std::uint8_t {
    working,      // call step() again
    group_ready,  // the log takes ready() before the next step()
    done,
  };

  compaction(runtime::file_system& files, compaction_input input, compaction_limits limits);
  ~compaction();

  // Some milliseconds of work; blocks. After an error, which discards what was not taken yet, it
  // must not be called again. CORRUPT_MESSAGE, INVALID_RECORD and the like say that the log cannot
  // be compacted as it is; KAFKA_STORAGE_ERROR is the disk's.
  result<state> step();
  const segment_group& ready() const { return *group_; }
  // Gives the round up: removes the files of a group that nobody took. Blocks.
  void discard();

  // How far the log is compacted when the round is done: less than to the end when there was no
  // room for all its keys.
  std::int64_t cleaned_to() const { return mapped_to_ + 1; }
  // Read and written so far.
  std::int64_t moved_bytes() const { return moved_bytes_; }

 private:
  enum class phase : std::uint8_t { starting, mapping, between_groups, in_group, at_ready_group };

  result<state> advance();
  result<> start();
  result<> remove_leftovers();
  result<> load_aborted();
  // The next segment from an offset on.
  result<> open_segment(const segment_range& range, std::int64_t from_offset);

  result<> map_some();
  // False when there was no room for all of it.
  result<bool> map_chunk(bytes_view chunk);
  result<bool> map_batch(const record::batch_view& batch);
  void end_mapping();

  result<std::int64_t> index_bytes(const segment& segment) const;
  result<bool> takes_in(std::int64_t& log_bytes, std::int64_t& index_bytes,
                        const segment_range& next) const;
  result<> begin_group();
  // True when the group has ended.
  result<bool> clean_some();
  result<> clean_chunk(bytes_view chunk);
  void note(const record::batch_view& batch, std::int64_t position);
  result<state> end_group();
  result<> remove_group();

  runtime::file_system& files_;
  compaction_input input_;
  compaction_limits limits_;
  phase phase_ = phase::starting;
  std::vector<transaction_index_entry> aborted_;
  std::unique_ptr<key_offsets> keys_;
  std::int64_t mapped_to_;
  std::int64_t moved_bytes_ = 0;
  // Which segment is read next: first for the map, then once more.
  std::size_t next_segment_ = 0;
  std::optional<batch_chunks> chunks_;
  std::optional<cleaned_transactions> transactions_;  // while mapping
  std::vector<keyed_record> records_;
  // The group that is being written, and its part of what a chunk becomes.
  std::optional<batch_cleaner> cleaner_;
  std::optional<segment_group> group_;
  std::size_t next_in_group_ = 0;
  std::unique_ptr<segment_writer> writer_;
  std::vector<std::byte> output_;
  bool is_changed_ = false;
};

}  // namespace barnabas::storage
