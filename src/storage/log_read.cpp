#include "storage/log_read.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/endian.h"
#include "storage/log.h"
#include "storage/log_file_names.h"
#include "storage/segment_reader.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

namespace {

// Where the index knows of starts of batches that are at least so far apart, the batch before the
// second is larger than the index's usual interval.
constexpr std::int64_t large_gap_bytes = 8 << 10;

// What a read finds in one segment.
struct found_bytes {
  std::int64_t begin = 0;
  std::int64_t length = 0;
  std::int64_t held_back = 0;
  // There is nothing at the start offset or behind it in this segment, though offsets up to its end
  // exist.
  bool is_behind_last_batch = false;
  shared_bytes head;
  bool would_wait = false;
};

// Nothing if that would wait.
result<std::optional<std::int64_t>> batch_size_at(const runtime::file& source,
                                                  std::int64_t position, reads how) {
  std::array<std::byte, record::length_prefix_bytes> head;
  const auto got = read_at(source, head, position, how);
  if (!got) {
    return std::unexpected(got.error());
  }
  if (!*got) {
    return std::nullopt;
  }
  if (**got < head.size()) {
    return fail(error_code::kafka_storage_error, source.path() + ": ends inside a batch");
  }
  return load_big_endian<std::int32_t>(head.data() + record::at::length) +
         static_cast<std::int64_t>(head.size());
}

// Lets go of the beginning of a large batch at the end of what was found: a reader cannot use it
// and would get it again. Small batches are left, the index does not know where each begins. At
// least half stays, and the first batch, whatever a damaged index says.
void hold_back(found_bytes& found, std::int64_t first_batch_bytes, batch_bounds last_starts,
               std::int64_t size_bytes) {
  const std::int64_t next = last_starts.last < 0 ? size_bytes : last_starts.last;
  const std::int64_t kept = last_starts.first - found.begin;
  if (next - last_starts.first >= large_gap_bytes &&
      kept >= std::max(first_batch_bytes, found.length / 2)) {
    found.held_back = found.length - kept;
    found.length = kept;
  }
}

// find(offset, how) and starts_around(position) as segment_reader's, for a segment of size_bytes
// whose offsets end at end_offset.
template <class Find, class StartsAround>
result<found_bytes> find_bytes(const read_request& request, const runtime::file& source,
                               std::int64_t size_bytes, std::int64_t end_offset, Find find,
                               StartsAround starts_around) {
  result<found_batch> begin = find(request.start_offset, request.how);
  if (!begin) {
    return std::unexpected(begin.error());
  }
  if (begin->would_wait) {
    return found_bytes{.would_wait = true};
  }
  if (begin->position >= size_bytes) {
    return found_bytes{.is_behind_last_batch = true};
  }
  const result<found_batch> end = request.max_offset >= end_offset
                                      ? result<found_batch>({.position = size_bytes})
                                      : find(request.max_offset, request.how);
  if (!end) {
    return std::unexpected(end.error());
  }
  if (end->would_wait) {
    return found_bytes{.would_wait = true};
  }
  found_bytes found{.begin = begin->position,
                    .length = std::max<std::int64_t>(end->position - begin->position, 0),
                    .head = std::move(begin->head)};
  if (found.length <= request.max_bytes) {
    return found;
  }
  const auto first = begin->size_bytes > 0 ? result<std::optional<std::int64_t>>(begin->size_bytes)
                                           : batch_size_at(source, begin->position, request.how);
  if (!first) {
    return std::unexpected(first.error());
  }
  if (!*first) {
    return found_bytes{.would_wait = true};
  }
  if (**first <= request.max_bytes) {
    found.length = request.max_bytes;
    hold_back(found, **first, starts_around(found.begin + found.length), size_bytes);
  } else {
    found.length = request.min_one_batch ? std::min(found.length, **first) : 0;
  }
  return found;
}

result<found_bytes> find_bytes(const read_request& request, const segment_reader& reader,
                               std::int64_t end_offset) {
  return find_bytes(
      request, *reader.source(), reader.size_bytes(), end_offset,
      [&](std::int64_t offset, reads how) { return reader.find(offset, how); },
      [&](std::int64_t position) { return reader.starts_around(position); });
}

read_result result_of(std::shared_ptr<const runtime::file> source, found_bytes found) {
  read_result result;
  result.slice = {std::move(source), found.begin, found.length, std::move(found.head)};
  result.held_back_bytes = found.held_back;
  return result;
}

// Where aborted transactions stand: in the indexes of segments, in order, and in entries that are
// not written yet, which belong to the last.
struct transaction_indexes {
  runtime::file_system& files;
  const std::string& folder;
  std::span<const transaction_source> written;
  std::span<const transaction_index_entry> unwritten;
};

result<std::vector<aborted_transaction>> collect_aborted(const transaction_indexes& indexes,
                                                         std::int64_t start_offset,
                                                         std::int64_t upper_offset) {
  aborted_transaction_collector collector{
      .start_offset = start_offset, .upper_offset = upper_offset, .found = {}};
  for (const transaction_source& source : indexes.written) {
    const std::string path =
        log_file_path(indexes.folder, source.base_offset, suffix::transaction_index);
    if (source.limit_bytes == 0 || !indexes.files.exists(path)) {
      continue;
    }
    const auto content = indexes.files.read_text(path);
    if (!content) {
      return std::unexpected(content.error());
    }
    const bytes_view bytes = as_bytes(*content);
    if (collector.take_all(
            bytes.first(std::min(bytes.size(), static_cast<std::size_t>(source.limit_bytes))))) {
      return std::move(collector.found);
    }
  }
  for (const transaction_index_entry& entry : indexes.unwritten) {
    if (collector.take(entry)) {
      break;
    }
  }
  return std::move(collector.found);
}

// Adds the aborted transactions. `from` is what was read: a segment_reader or a segment_writer, of
// a segment whose offsets end at end_offset.
template <class Segment>
result<read_result> with_aborted(read_result read, const read_request& request, Segment& from,
                                 std::int64_t end_offset, const transaction_indexes& indexes) {
  if (read.empty() || (indexes.written.empty() && indexes.unwritten.empty())) {
    return read;
  }
  const std::int64_t bound =
      from.offset_bound_at(read.slice.offset + read.slice.length).value_or(end_offset);
  auto aborted =
      collect_aborted(indexes, request.start_offset, std::min(bound, request.max_offset));
  if (!aborted) {
    return std::unexpected(aborted.error());
  }
  read.aborted = std::move(*aborted);
  return read;
}

}  // namespace

result<read_result> cold_read::run() {
  for (const segment_range& range : segments_) {
    if (!reader_ || reader_->base_offset() != range.segment.base_offset) {
      auto opened = segment_reader::open(*files_, folder_, range.segment);
      if (!opened) {
        return std::unexpected(opened.error());
      }
      reader_ = *opened;
    }
    auto found = find_bytes(request_, *reader_, range.end_offset);
    if (!found) {
      return std::unexpected(found.error());
    }
    if (found->is_behind_last_batch) {
      continue;
    }
    read_result read = result_of(reader_->source(), std::move(*found));
    if (!request_.with_aborted_transactions) {
      return read;
    }
    return with_aborted(std::move(read), request_, *reader_, range.end_offset,
                        {*files_, folder_, transaction_sources_, unwritten_transactions_});
  }
  return read_result{};
}

result<> log::check_range(std::int64_t offset) const {
  if (offset < log_start_offset_ || offset > log_end_offset_) {
    return fail(error_code::offset_out_of_range,
                fmt::format("offset {} is not between {} and {}", offset, log_start_offset_,
                            log_end_offset_));
  }
  return {};
}

bool log::is_warm(std::size_t index) const {
  return index + 1 == segments_.size() ||
         (cold_reader_ && cold_reader_->base_offset() == segments_[index].base_offset &&
          cold_reader_->size_bytes() == segments_[index].size_bytes);
}

std::optional<cold_read> log::read_cached(read_request request, result<read_result>& into) {
  if (auto cold = cold_read_for(request)) {
    return cold;
  }
  request.how = reads::only_cached;
  into = read(request);
  return into && into->would_wait ? std::optional(waiting_read_for(request)) : std::nullopt;
}

std::vector<transaction_source> log::transaction_sources(std::size_t index) const {
  std::vector<transaction_source> sources;
  for (std::size_t i = index; i < segments_.size(); ++i) {
    const bool is_active = i + 1 == segments_.size();
    if (is_active && writer_->written_transaction_bytes() > 0) {
      sources.push_back({segments_[i].base_offset,
                         static_cast<std::int64_t>(writer_->written_transaction_bytes())});
    } else if (!is_active && segments_[i].has_transaction_index) {
      sources.push_back({segments_[i].base_offset});
    }
  }
  return sources;
}

std::optional<cold_read> log::cold_read_for(const read_request& request) {
  if (!check_range(request.start_offset) || request.start_offset >= request.max_offset ||
      is_warm(segment_index_of(request.start_offset))) {
    return std::nullopt;
  }
  return waiting_read_for(request);
}

cold_read log::waiting_read_for(const read_request& request) {
  const std::size_t index = segment_index_of(request.start_offset);
  cold_read cold;
  if (index + 1 == segments_.size()) {
    cold.reader_ = writer_->reader(active()).value_or(nullptr);
  } else if (is_warm(index)) {
    cold.reader_ = cold_reader_;
  }
  cold.replacements_ = replacements_;
  cold.files_ = &files_;
  cold.folder_ = folder_;
  cold.request_ = request;
  cold.request_.how = reads::may_wait;
  for (std::size_t i = index; i < segments_.size(); ++i) {
    cold.segments_.push_back({segments_[i], end_offset_of(i)});
    if (!config_->is_cleanup_compact) {
      break;
    }
  }
  if (request.with_aborted_transactions) {
    cold.transaction_sources_ = transaction_sources(index);
    cold.unwritten_transactions_ = writer_->unwritten_transactions();
  }
  return cold;
}

result<read_result> log::read_active(const read_request& request) {
  const auto file = writer_->file();
  if (!file) {
    return std::unexpected(file.error());
  }
  auto found = find_bytes(
      request, **file, active().size_bytes, log_end_offset_,
      [&](std::int64_t offset, reads how) { return writer_->find(active(), offset, how); },
      [&](std::int64_t position) { return writer_->starts_around(position); });
  if (!found) {
    return std::unexpected(found.error());
  }
  if (found->would_wait) {
    return read_result{.would_wait = true};
  }
  read_result read = result_of(*file, std::move(*found));
  if (!request.with_aborted_transactions) {
    return read;
  }
  return with_aborted(std::move(read), request, *writer_, log_end_offset_,
                      {files_, folder_, transaction_sources(segments_.size() - 1),
                       writer_->unwritten_transactions()});
}

result<read_result> log::read_segment(const read_request& request, std::size_t index) {
  if (!is_warm(index)) {
    auto opened = segment_reader::open(files_, folder_, segments_[index]);
    if (!opened) {
      return std::unexpected(opened.error());
    }
    cold_reader_ = std::move(*opened);
  }
  const segment_reader& reader = *cold_reader_;
  auto found = find_bytes(request, reader, end_offset_of(index));
  if (!found) {
    return std::unexpected(found.error());
  }
  if (found->would_wait) {
    return read_result{.would_wait = true};
  }
  if (found->is_behind_last_batch) {
    return index + 2 == segments_.size() ? read_active(request) : read_segment(request, index + 1);
  }
  read_result read = result_of(reader.source(), std::move(*found));
  if (!request.with_aborted_transactions) {
    return read;
  }
  return with_aborted(
      std::move(read), request, reader, end_offset_of(index),
      {files_, folder_, transaction_sources(index), writer_->unwritten_transactions()});
}

result<read_result> log::read(const read_request& request) {
  if (auto checked = check_range(request.start_offset); !checked) {
    return std::unexpected(checked.error());
  }
  if (request.start_offset >= std::min(request.max_offset, log_end_offset_)) {
    return read_result{};
  }
  const std::size_t index = segment_index_of(request.start_offset);
  auto result = index + 1 == segments_.size() ? read_active(request) : read_segment(request, index);
  if (result && result->slice.length == 0) {
    result->slice = {};
  }
  return result;
}

}  // namespace barnabas::storage
