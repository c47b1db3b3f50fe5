#include "storage/segment_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "storage/log_file_names.h"

namespace barnabas::storage {

namespace {
// Unwritten entries of the offset index, one for each index.interval.bytes of batches.
constexpr std::size_t spill_entries = 256;
// A segment reserves disk ahead once it is larger than the first, in steps as large as itself
// between the other two.
constexpr std::int64_t reserve_above_bytes = 1 << 20;
constexpr std::int64_t min_reserve_bytes = 8 << 20;
constexpr std::int64_t max_reserve_bytes = 64 << 20;
}  // namespace

std::string segment_writer::path(std::string_view suffix) const {
  return log_file_path(folder_, base_offset_, suffix).append(extension_);
}

result<> segment_writer::create(const log_config& config) {
  auto made = files_.open(path(suffix::log), runtime::open_mode::create);
  if (!made) {
    return std::unexpected(made.error());
  }
  if (auto cut = (*made)->truncate(0); !cut) {
    std::ignore = files_.remove(path(suffix::log));
    return cut;
  }
  file_ = std::move(*made);
  restart();
  if (config.is_preallocated && file_->reserve(config.segment_bytes)) {
    reserved_bytes_ = config.segment_bytes;
  }
  return {};
}

result<std::shared_ptr<runtime::file>> segment_writer::file() {
  if (!file_) {
    auto opened = files_.open(path(suffix::log), runtime::open_mode::create);
    if (!opened) {
      return opened;
    }
    file_ = std::move(*opened);
  }
  return file_;
}

result<> segment_writer::cut_back(std::int64_t size_bytes) {
  auto done = file_->truncate(size_bytes);
  has_stale_end_ = !done;
  reserved_bytes_ = 0;
  return done;
}

void segment_writer::reserve(std::int64_t size_bytes, const log_config& config) {
  if (size_bytes <= reserve_above_bytes || size_bytes <= reserved_bytes_) {
    return;
  }
  const std::int64_t step = std::clamp(size_bytes, min_reserve_bytes, max_reserve_bytes);
  const std::int64_t wanted =
      std::max(size_bytes, std::min(size_bytes + step, config.segment_bytes));
  // Where there is no room for that, or the file system cannot, appends are only slower. The next
  // try is a step ahead.
  std::ignore = file_->reserve(wanted);
  reserved_bytes_ = wanted;
}

result<> segment_writer::write(segment& active, std::span<const bytes_view> parts,
                               std::int64_t bytes, const log_config& config) {
  const auto opened = file();
  if (!opened) {
    return std::unexpected(opened.error());
  }
  if (has_stale_end_) {
    if (auto cut = cut_back(active.size_bytes); !cut) {
      return cut;
    }
  }
  reserve(active.size_bytes + bytes, config);
  if (auto written = file_->write_at(parts, active.size_bytes); !written) {
    std::ignore = cut_back(active.size_bytes);
    return written;
  }
  active.size_bytes += bytes;
  return {};
}

void segment_writer::add_time(const segment& active) {
  if (active.max_timestamp < 0) {
    return;
  }
  const time_index_entry entry{
      active.max_timestamp,
      static_cast<std::int32_t>(active.offset_of_max_timestamp - base_offset_)};
  if (!times_.last() || times_.last()->timestamp < entry.timestamp) {
    times_.add(entry);
  }
}

void segment_writer::note_batch(segment& active, const scanned_batch& batch,
                                std::int64_t index_interval_bytes) {
  const std::int64_t relative_last = batch.last_offset - base_offset_;
  if (batch.max_timestamp > active.max_timestamp) {
    active.max_timestamp = batch.max_timestamp;
    active.offset_of_max_timestamp = batch.last_offset;
  }
  if (!first_timestamp_ && batch.position == 0) {
    first_timestamp_ = batch.max_timestamp;
  }
  if (bytes_since_index_entry_ > index_interval_bytes && relative_last > 0) {
    offsets_.add(
        {static_cast<std::int32_t>(relative_last), static_cast<std::int32_t>(batch.position)});
    add_time(active);
    bytes_since_index_entry_ = 0;
  }
  bytes_since_index_entry_ += batch.size_bytes;
  recent_[recent_next_] = {static_cast<std::uint32_t>(batch.base_offset - base_offset_),
                           static_cast<std::uint32_t>(relative_last),
                           static_cast<std::uint32_t>(batch.position)};
  recent_next_ = static_cast<std::uint8_t>((recent_next_ + 1) % recent_kept);
  recent_count_ = static_cast<std::uint8_t>(std::min<std::size_t>(recent_count_ + 1U, recent_kept));
}

void segment_writer::note_aborted(segment& active, const transaction_index_entry& entry) {
  transactions_.add(entry);
  active.has_transaction_index = true;
}

void segment_writer::spill_if_large() {
  if (offsets_.unwritten().size() >= spill_entries ||
      transactions_.unwritten().size() >= spill_entries) {
    if (const auto written = write_indexes(false); !written) {
      barnabas::log(log_level::warn, "storage",
                    "could not write index entries, keeping them in memory",
                    {field("error", written.error().message)});
    }
  }
}

result<> segment_writer::write_indexes(bool with_empty_ones) {
  if (!offsets_.unwritten().empty() || (with_empty_ones && !offsets_.is_written())) {
    mapped_offsets_ = {};
    if (auto done = offsets_.write(files_, path(suffix::offset_index)); !done) {
      return done;
    }
  }
  if (!times_.unwritten().empty() || (with_empty_ones && !times_.is_written())) {
    if (auto done = times_.write(files_, path(suffix::time_index)); !done) {
      return done;
    }
  }
  const std::string transactions = path(suffix::transaction_index);
  if (!transactions_.unwritten().empty() ||
      (with_empty_ones && !transactions_.is_written() && files_.exists(transactions))) {
    return transactions_.write(files_, transactions);
  }
  return {};
}

bool segment_writer::is_index_full(const log_config& config) const {
  const auto limit = static_cast<std::size_t>(config.segment_index_bytes);
  return offsets_.size() >= limit / offset_index_entry::encoded_bytes ||
         times_.size() + 1 >= limit / time_index_entry::encoded_bytes;
}

result<std::int64_t> segment_writer::first_timestamp(const segment& active) {
  if (first_timestamp_ || active.size_bytes == 0) {
    return first_timestamp_.value_or(record::no_timestamp);
  }
  const auto opened = file();
  if (!opened) {
    return std::unexpected(opened.error());
  }
  batch_scan scan(**opened, 0, active.size_bytes, {.buffer_bytes = record::batch_header_bytes});
  const auto step = scan.next();
  if (!step) {
    return std::unexpected(step.error());
  }
  first_timestamp_ =
      *step == batch_scan::step::batch ? scan.current().max_timestamp : record::no_timestamp;
  return *first_timestamp_;
}

std::optional<std::int64_t> segment_writer::recent_position(std::int64_t offset,
                                                            std::int64_t size_bytes) const {
  const std::int64_t relative = offset - base_offset_;
  if (recent_count_ == 0 ||
      relative <
          recent_[(recent_next_ + recent_kept - recent_count_) % recent_kept].relative_base) {
    return std::nullopt;
  }
  // From the newest back; behind the newest is the end.
  std::optional<std::int64_t> position;
  for (std::size_t i = 1; i <= recent_count_; ++i) {
    const recent_batch& batch = recent_[(recent_next_ + recent_kept - i) % recent_kept];
    if (relative > batch.relative_last) {
      return position.value_or(size_bytes);
    }
    position = batch.position;
    if (relative >= batch.relative_base) {
      return position;
    }
  }
  return std::nullopt;
}

result<bytes_view> segment_writer::written_offsets() {
  if (mapped_offsets_.size() != offsets_.written_bytes()) {
    auto mapped = map_index(files_, path(suffix::offset_index),
                            static_cast<std::int64_t>(offsets_.written_bytes()));
    if (!mapped) {
      return std::unexpected(mapped.error());
    }
    mapped_offsets_ = std::move(*mapped);
  }
  return mapped_offsets_.view();
}

result<found_batch> segment_writer::find(const segment& active, std::int64_t offset, reads how) {
  if (const auto recent = recent_position(offset, active.size_bytes)) {
    return found_batch{*recent};
  }
  const auto opened = file();
  if (!opened) {
    return std::unexpected(opened.error());
  }
  const auto hints =
      bounds_around(&offset_index_entry::relative_offset, offset - base_offset_, find_offset);
  if (!hints) {
    return std::unexpected(hints.error());
  }
  return find_batch(**opened, *hints, active.size_bytes, offset, how);
}

batch_bounds segment_writer::starts_around(std::int64_t position) {
  return bounds_around(&offset_index_entry::position, position, find_starts)
      .value_or(batch_bounds{});
}

result<batch_bounds> segment_writer::bounds_around(std::int32_t offset_index_entry::* field,
                                                   std::int64_t value,
                                                   batch_bounds (*find_written)(bytes_view,
                                                                                std::int64_t)) {
  const auto& unwritten = offsets_.unwritten();
  const auto after = std::ranges::upper_bound(unwritten, value, {}, field);
  batch_bounds found;
  if (after != unwritten.begin()) {
    found.first = (after - 1)->position;
  } else if (offsets_.written() > 0) {
    const auto written = written_offsets();
    if (!written) {
      return std::unexpected(written.error());
    }
    found = find_written(*written, value);
  }
  if (found.last < 0 && after != unwritten.end()) {
    found.last = after->position;
  }
  return found;
}

std::optional<std::int64_t> segment_writer::offset_bound_at(std::int64_t position) {
  const auto& unwritten = offsets_.unwritten();
  const bool is_in_file =
      offsets_.written() > 0 && (unwritten.empty() || position <= unwritten.front().position);
  if (const auto written = is_in_file ? written_offsets() : result<bytes_view>(bytes_view());
      written) {
    if (const auto entry = find_position(*written, position)) {
      return base_offset_ + entry->relative_offset;
    }
  }
  const auto entry =
      std::ranges::lower_bound(unwritten, position, {}, &offset_index_entry::position);
  return entry == unwritten.end() ? std::nullopt
                                  : std::optional(base_offset_ + entry->relative_offset);
}

result<std::shared_ptr<const segment_reader>> segment_writer::reader(const segment& active) {
  const auto opened = file();
  if (!opened) {
    return std::unexpected(opened.error());
  }
  // A copy: few entries, and the file may be cut while the reader lives.
  const auto written = written_offsets();
  if (!written) {
    return std::unexpected(written.error());
  }
  std::vector<std::byte> entries(written->begin(), written->end());
  for (const offset_index_entry& entry : offsets_.unwritten()) {
    entries.resize(entries.size() + offset_index_entry::encoded_bytes);
    entry.encode(entries.data() + entries.size() - offset_index_entry::encoded_bytes);
  }
  return std::make_shared<const segment_reader>(base_offset_, active.size_bytes, *opened,
                                                shared_bytes::copy_of(entries));
}

result<> segment_writer::seal(const segment& active) {
  add_time(active);
  if (auto written = write_indexes(true); !written) {
    return written;
  }
  if (reserved_bytes_ > active.size_bytes || has_stale_end_) {
    const auto opened = file();
    if (!opened) {
      return std::unexpected(opened.error());
    }
    return cut_back(active.size_bytes);
  }
  return {};
}

void segment_writer::release() {
  if (!offsets_.unwritten().empty() || !times_.unwritten().empty() ||
      !transactions_.unwritten().empty()) {
    std::ignore = write_indexes(false);
  }
  offsets_.shrink();
  times_.shrink();
  transactions_.shrink();
  mapped_offsets_ = {};
  if (!has_stale_end_) {
    file_.reset();
  }
}

}  // namespace barnabas::storage
