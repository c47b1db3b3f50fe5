#include <algorithm>

#include "base/log.h"
#include "storage/batch_scan.h"
#include "storage/log.h"
#include "storage/log_file_names.h"
#include "storage/log_recovery.h"
#include "storage/segment_reader.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

namespace {

// The base offset of the batch at `position`, which is there.
result<std::int64_t> base_offset_at(const runtime::file& source, std::int64_t position,
                                    std::int64_t size_bytes) {
  batch_scan scan(source, position, size_bytes, {.buffer_bytes = record::batch_header_bytes});
  const auto step = scan.next();
  if (!step) {
    return std::unexpected(step.error());
  }
  if (*step != batch_scan::step::batch) {
    return fail(error_code::kafka_storage_error,
                source.path() + ": no batch where one was: " + scan.reason());
  }
  return scan.current().base_offset;
}

// Where a cut of the segment at an offset falls: before the batch that holds it.
struct cut_point {
  std::int64_t position;
  std::int64_t offset;
};

result<cut_point> find_cut(const segment_reader& reader, std::int64_t size_bytes,
                           std::int64_t offset) {
  const auto position = reader.position_of(offset);
  if (!position) {
    return std::unexpected(position.error());
  }
  if (*position >= size_bytes) {
    return cut_point{*position, offset};
  }
  const auto base_offset = base_offset_at(*reader.source(), *position, size_bytes);
  if (!base_offset) {
    return std::unexpected(base_offset.error());
  }
  return cut_point{*position, std::min(offset, *base_offset)};
}

}  // namespace

result<> log::remove_segments_behind(std::size_t index) {
  // From the end, so that what is left is always a log.
  while (segments_.size() > index + 1) {
    for (const std::string& path : files_of(segments_.back())) {
      if (auto removed = files_.remove(path); !removed) {
        return removed;
      }
    }
    segments_.pop_back();
  }
  // They must not come back behind what is written next.
  return files_.sync_folder(folder_);
}

result<> log::truncate_to(std::int64_t offset) {
  if (offset >= log_end_offset_) {
    return {};
  }
  if (offset < segments_.front().base_offset) {
    return truncate_fully_and_start_at(offset);
  }
  ++truncations_;
  has_folder_changed_ = true;
  recovery_point_ = std::min(recovery_point_, offset);
  cold_reader_.reset();
  const std::size_t index = segment_index_of(offset);
  const bool is_active = index + 1 == segments_.size();
  const auto reader = is_active ? writer_->reader(active())
                                : segment_reader::open(files_, folder_, segments_[index]);
  const auto cut = reader ? find_cut(**reader, segments_[index].size_bytes, offset)
                          : result<cut_point>(std::unexpected(reader.error()));
  if (!cut) {
    return std::unexpected(cut.error());
  }
  if (is_active) {
    // The files are read again: entries that are only in memory would be lost, and those that a
    // crash left behind, of batches that are gone, would come back.
    if (auto written = writer_->write_indexes(true); !written) {
      return written;
    }
  } else {
    const std::int64_t end = end_offset_of(index);
    writer_ = std::make_unique<segment_writer>(files_, folder_, segments_[index].base_offset);
    if (auto removed = remove_segments_behind(index); !removed) {
      return removed;
    }
    log_end_offset_ = end;
  }
  if (auto done = writer_->truncate(active(), cut->position, cut->offset); !done) {
    return done;
  }
  const auto resumed = writer_->resume(active(), config_->index_interval_bytes);
  if (!resumed) {
    return std::unexpected(resumed.error());
  }
  log_end_offset_ = cut->offset;
  log_start_offset_ = std::min(log_start_offset_, cut->offset);
  recovery_point_ = std::min(recovery_point_, cut->offset);
  cleaned_offset_ = std::min(cleaned_offset_, cut->offset);
  are_epochs_dirty_ |= epochs_.truncate_from_end(cut->offset);
  if (auto written = write_epochs(); !written) {
    return written;
  }
  auto reloaded = reload_producers();
  return reloaded && *resumed < cut->offset ? mark_end() : reloaded;
}

// Where compaction took out what is before the end, only the name of a segment says where it is.
result<> log::mark_end() {
  if (auto rolled = roll_to(log_end_offset_, active().created_ms); !rolled) {
    return rolled;
  }
  log_start_offset_ = std::max(log_start_offset_, segments_.front().base_offset);
  return files_.sync_folder(folder_);
}

result<> log::truncate_fully_and_start_at(std::int64_t offset) {
  ++truncations_;
  has_folder_changed_ = true;
  recovery_point_ = std::min(recovery_point_, offset);
  cold_reader_.reset();
  if (auto removed = remove_segments_behind(0); !removed) {
    return removed;
  }
  for (const std::string& path : files_of(active())) {
    if (auto removed = files_.remove(path); !removed) {
      return removed;
    }
  }
  if (auto removed = remove_snapshots(); !removed) {
    return removed;
  }
  const std::int64_t created_ms = active().created_ms;
  segments_.back() = {.base_offset = offset, .created_ms = created_ms};
  writer_ = std::make_unique<segment_writer>(files_, folder_, offset);
  log_start_offset_ = log_end_offset_ = recovery_point_ = offset;
  producers_.clear(offset);
  cleaned_offset_ = -1;
  last_snapshot_offset_ = -1;
  has_folder_changed_ = true;
  if (auto made = writer_->create(*config_); !made) {
    return made;
  }
  are_epochs_dirty_ |= epochs_.clear();
  return write_epochs();
}

result<> log::extend_to(std::int64_t offset, std::int64_t now_ms) {
  const std::int64_t end = std::exchange(log_end_offset_, offset);
  producers_.set_map_end_offset(offset);
  auto rolled = roll_to(offset, now_ms);
  if (!rolled) {
    log_end_offset_ = end;
  }
  return rolled;
}

result<> log::remove_snapshots() {
  const auto folder = read_folder(files_, folder_);
  if (!folder) {
    return std::unexpected(folder.error());
  }
  for (const std::int64_t offset : folder->snapshots) {
    if (auto removed = files_.remove(log_file_path(folder_, offset, suffix::producer_snapshot));
        !removed) {
      return removed;
    }
  }
  return {};
}

result<> log::reload_producers() {
  auto folder = read_folder(files_, folder_);
  if (!folder) {
    return std::unexpected(folder.error());
  }
  // Time stands still: nobody expires because a log was cut.
  const log_open_options options{.config = config_, .log_start_offset = log_start_offset_};
  producers_.clear(0);
  last_snapshot_offset_ = -1;
  log_loader loader(*this, options, std::move(*folder));
  return loader.reload_producers();
}

bool log::advance_log_start_offset(std::int64_t offset) {
  if (offset <= log_start_offset_ || offset > log_end_offset_) {
    return false;
  }
  log_start_offset_ = offset;
  are_epochs_dirty_ |= epochs_.truncate_from_start(offset);
  return true;
}

}  // namespace barnabas::storage
