#include <algorithm>
#include <limits>

#include "record/record_reader.h"
#include "storage/batch_scan.h"
#include "storage/index_bytes.h"
#include "storage/log.h"
#include "storage/log_file_names.h"
#include "storage/log_read.h"
#include "storage/segment_reader.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

namespace {

// The first record of the scan's current batch, not below `from_offset`, that is not older than
// `timestamp`.
result<std::optional<timestamp_and_offset>> search_batch(batch_scan& scan, std::int64_t timestamp,
                                                         std::int64_t from_offset) {
  const scanned_batch current = scan.current();
  if (!current.has_header) {
    // A message of magic 0 or 1, or a set of them in one: its own offset and timestamp are as near
    // as we look.
    return current.base_offset < from_offset
               ? std::nullopt
               : std::optional(timestamp_and_offset{current.max_timestamp, current.base_offset,
                                                    current.leader_epoch});
  }
  const auto bytes = scan.whole_batch();
  if (!bytes) {
    return std::unexpected(bytes.error());
  }
  const auto batch = record::batch_view::parse(*bytes);
  if (!batch) {
    return fail(batch.error().why, "searching a timestamp: ");
  }
  record::record_reader reader(*batch);
  while (true) {
    const auto record = reader.next();
    if (!record) {
      return std::unexpected(record.error());
    }
    if (!*record) {
      return std::nullopt;
    }
    if ((*record)->timestamp >= timestamp && (*record)->offset >= from_offset) {
      return timestamp_and_offset{(*record)->timestamp, (*record)->offset, current.leader_epoch};
    }
  }
}

}  // namespace

timestamp_search log::make_search(std::optional<std::int64_t> timestamp) {
  timestamp_search search;
  search.replacements_ = replacements_;
  search.files_ = &files_;
  search.folder_ = folder_;
  search.timestamp_ = timestamp;
  search.log_start_offset_ = log_start_offset_;
  const std::size_t first = segment_index_of(log_start_offset_);
  search.segments_.assign(segments_.begin() + static_cast<std::ptrdiff_t>(first), segments_.end());
  // Without it the search opens the file itself.
  search.active_ = writer_->reader(active()).value_or(nullptr);
  search.unwritten_times_ = writer_->unwritten_times();
  search.written_time_bytes_ = static_cast<std::int64_t>(writer_->written_time_bytes());
  return search;
}

timestamp_search log::search_timestamp(std::int64_t timestamp) {
  return make_search(timestamp);
}
timestamp_search log::search_max_timestamp() {
  return make_search(std::nullopt);
}

result<std::optional<timestamp_and_offset>> timestamp_search::run() const {
  return timestamp_ ? run_by_time() : run_by_maximum();
}

result<std::shared_ptr<const segment_reader>> timestamp_search::open(
    const storage::segment& segment) const {
  return active_ && &segment == &segments_.back() ? active_
                                                  : segment_reader::open(*files_, folder_, segment);
}

result<std::int64_t> timestamp_search::offset_hint(const storage::segment& segment) const {
  const bool is_active = &segment == &segments_.back();
  const auto index =
      map_index(*files_, log_file_path(folder_, segment.base_offset, suffix::time_index),
                is_active ? written_time_bytes_ : std::numeric_limits<std::int64_t>::max());
  if (!index) {
    return std::unexpected(index.error());
  }
  auto entry = find_time(index->view(), *timestamp_);
  for (const time_index_entry& unwritten :
       is_active ? unwritten_times_ : std::vector<time_index_entry>()) {
    if (unwritten.timestamp <= *timestamp_) {
      entry = unwritten;
    }
  }
  return std::max(segment.base_offset + (entry ? entry->relative_offset : 0), log_start_offset_);
}

result<timestamp_search::found> timestamp_search::first_not_below(const storage::segment& segment,
                                                                  std::int64_t timestamp,
                                                                  std::int64_t from_offset) const {
  const auto reader = open(segment);
  if (!reader) {
    return std::unexpected(reader.error());
  }
  const auto position = (*reader)->position_of(from_offset);
  if (!position) {
    return std::unexpected(position.error());
  }
  batch_scan scan(*(*reader)->source(), *position, segment.size_bytes);
  while (true) {
    const auto step = scan.next();
    if (!step) {
      return std::unexpected(step.error());
    }
    if (*step != batch_scan::step::batch) {
      return std::nullopt;
    }
    if (scan.current().max_timestamp >= timestamp) {
      auto found = search_batch(scan, timestamp, log_start_offset_);
      if (!found || *found) {
        return found;
      }
    }
  }
}

result<timestamp_search::found> timestamp_search::run_by_time() const {
  for (const storage::segment& segment : segments_) {
    if (segment.size_bytes == 0 || segment.max_timestamp < *timestamp_) {
      continue;
    }
    const auto from_offset = offset_hint(segment);
    if (!from_offset) {
      return std::unexpected(from_offset.error());
    }
    auto found = first_not_below(segment, *timestamp_, *from_offset);
    if (!found || *found) {
      return found;
    }
  }
  return std::nullopt;
}

result<timestamp_search::found> timestamp_search::run_by_maximum() const {
  const auto newest = std::ranges::max_element(segments_, {}, &storage::segment::max_timestamp);
  if (newest->max_timestamp < 0) {
    return std::nullopt;
  }
  const std::int64_t from_offset = std::max(newest->offset_of_max_timestamp, log_start_offset_);
  return first_not_below(*newest, newest->max_timestamp, from_offset);
}

}  // namespace barnabas::storage
