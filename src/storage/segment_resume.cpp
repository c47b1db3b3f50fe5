// The parts of segment_writer that take up a segment which has records already: at start, and after
// it was cut.
#include <fmt/format.h>

#include <algorithm>

#include "storage/index_bytes.h"
#include "storage/log_file_names.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

namespace {

// Continues `tail` with the entries of the file that `is_before` holds for. Reads as much as the
// file has.
template <class Entry, class Predicate>
result<> resume_tail(runtime::file_system& files, const std::string& path, index_tail<Entry>& tail,
                     Predicate is_before) {
  const auto mapped = map_index(files, path, std::numeric_limits<std::int64_t>::max());
  if (!mapped) {
    return std::unexpected(mapped.error());
  }
  const bytes_view bytes = mapped->view();
  const std::size_t count =
      count_entries_while<Entry>(bytes, bytes.size() / Entry::encoded_bytes, is_before);
  tail.resume(count, count == 0 ? std::nullopt : std::optional(entry_at<Entry>(bytes, count - 1)));
  return {};
}

}  // namespace

void segment_writer::restart() {
  offsets_.resume(0, std::nullopt);
  times_.resume(0, std::nullopt);
  transactions_.resume(0, std::nullopt);
  mapped_offsets_ = {};
  bytes_since_index_entry_ = 0;
  recent_count_ = 0;
  first_timestamp_.reset();
}

result<> segment_writer::cut_indexes(segment& active, std::int64_t offset) {
  const std::int64_t relative = offset - base_offset_;
  restart();
  auto done = resume_tail(files_, path(suffix::offset_index), offsets_,
                          [&](const offset_index_entry& entry) {
                            return entry.relative_offset > 0 && entry.relative_offset < relative &&
                                   entry.position > 0 && entry.position < active.size_bytes;
                          });
  if (done) {
    done =
        resume_tail(files_, path(suffix::time_index), times_, [&](const time_index_entry& entry) {
          return !entry.is_blank() && entry.relative_offset < relative;
        });
  }
  if (done && active.has_transaction_index) {
    done = resume_tail(
        files_, path(suffix::transaction_index), transactions_,
        [&](const transaction_index_entry& entry) { return entry.last_offset < offset; });
    active.has_transaction_index = transactions_.size() > 0;
  }
  return done;
}

result<std::int64_t> segment_writer::resume(segment& active, std::int64_t index_interval_bytes) {
  if (auto cut = cut_indexes(active, std::numeric_limits<std::int64_t>::max()); !cut) {
    return std::unexpected(cut.error());
  }
  active.max_timestamp = record::no_timestamp;
  if (times_.last()) {
    active.max_timestamp = times_.last()->timestamp;
    active.offset_of_max_timestamp = base_offset_ + times_.last()->relative_offset;
  }
  const auto opened = file();
  if (!opened) {
    return std::unexpected(opened.error());
  }
  batch_scan scan(**opened, offsets_.last() ? offsets_.last()->position : 0, active.size_bytes);
  std::int64_t next_offset = base_offset_;
  for (bool is_first = true;; is_first = false) {
    const auto step = scan.next();
    if (!step) {
      return std::unexpected(step.error());
    }
    if (*step == batch_scan::step::end) {
      return next_offset;
    }
    const scanned_batch& batch = scan.current();
    // Kafka 3.9 indexed the last of several batches at the position of their first.
    const bool is_misplaced = is_first && offsets_.last() &&
                              batch.base_offset > base_offset_ + offsets_.last()->relative_offset;
    if (*step == batch_scan::step::broken || batch.base_offset < next_offset || is_misplaced) {
      return fail(error_code::corrupt_message,
                  fmt::format("{}: no batch at {} as its index has it {}", path(suffix::log),
                              scan.position(), scan.reason()));
    }
    // The indexed batch counts from zero again, as when its entry was made.
    note_batch(active, batch, index_interval_bytes);
    next_offset = batch.last_offset + 1;
  }
}

result<> segment_writer::trim(const segment& active) {
  const auto opened = file();
  return opened ? cut_back(active.size_bytes) : std::unexpected(opened.error());
}

result<> segment_writer::truncate(segment& active, std::int64_t position, std::int64_t offset) {
  const auto opened = file();
  if (!opened) {
    return std::unexpected(opened.error());
  }
  if (auto cut = cut_back(position); !cut) {
    return cut;
  }
  active.size_bytes = position;
  if (auto cut = cut_indexes(active, offset); !cut) {
    return cut;
  }
  return write_indexes(true);
}

}  // namespace barnabas::storage
