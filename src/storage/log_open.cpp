// Opening a log whose segments need no check, and what every open has in common.
#include <algorithm>
#include <limits>

#include "base/log.h"
#include "storage/batch_scan.h"
#include "storage/index_bytes.h"
#include "storage/log_file_names.h"
#include "storage/log_recovery.h"
#include "storage/producer_snapshot.h"

namespace barnabas::storage {

std::string_view partition_name(const std::string& folder) {
  const std::string_view path = folder;
  return path.substr(path.rfind('/') + 1);
}

result<std::unique_ptr<log>> log::open(runtime::file_system& files, std::string folder,
                                       const log_open_options& options) {
  auto contents = read_folder(files, folder);
  if (!contents) {
    return std::unexpected(contents.error());
  }
  std::unique_ptr<log> opened(new log(files, std::move(folder), options.config));
  opened->cleaned_offset_ = options.cleaned_offset;
  log_loader loader(*opened, options, std::move(*contents));
  if (auto loaded = loader.load(); !loaded) {
    return std::unexpected(loaded.error());
  }
  return opened;
}

result<> log_loader::load() {
  if (auto loaded = load_epochs(); !loaded) {
    return loaded;
  }
  if (folder_.segments.empty()) {
    return create_first_segment(options_.log_start_offset);
  }
  checked_from_ = options_.recovery_point;
  if (auto loaded = load_segments(); !loaded) {
    return loaded;
  }
  if (are_epochs_damaged_) {
    if (auto found = find_epochs(); !found) {
      return found;
    }
  }
  const std::size_t dirty = first_dirty_segment();
  const bool is_clean = dirty == log_.segments_.size();
  if (is_clean) {
    if (auto resumed = resume_active(); !resumed) {
      return resumed;
    }
  }
  if (auto loaded =
          load_snapshot(is_clean ? log_.log_end_offset_ : log_.segments_[dirty].base_offset);
      !loaded) {
    return loaded;
  }
  if (auto replayed = replay_producers(dirty); !replayed) {
    return replayed;
  }
  if (!is_clean) {
    if (auto recovered = recover_segments(dirty); !recovered) {
      return recovered;
    }
  }
  return finish();
}

result<> log_loader::load_epochs() {
  if (!folder_.has_leader_epochs) {
    return {};
  }
  const std::string path = log_.folder_ + '/' + std::string(leader_epoch_file_name);
  const auto text = log_.files_.read_text(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto epochs = leader_epoch_cache::parse(*text, path);
  if (!epochs) {
    barnabas::log(log_level::warn, "storage", "leader epochs are looked for in the batches",
                  {field("partition", partition_name(log_.folder_)),
                   field("reason", epochs.error().message)});
    are_epochs_damaged_ = true;
    return {};
  }
  log_.epochs_ = std::move(*epochs);
  return {};
}

result<> log_loader::find_epochs() {
  for (const segment& each : log_.segments_) {
    const auto file = log_.files_.open(log_file_path(log_.folder_, each.base_offset, suffix::log),
                                       runtime::open_mode::read);
    if (!file) {
      return std::unexpected(file.error());
    }
    batch_scan scan(**file, 0, each.size_bytes);
    auto step = scan.next();
    for (; step && *step == batch_scan::step::batch; step = scan.next()) {
      log_.epochs_.assign(scan.current().leader_epoch, scan.current().base_offset);
    }
    if (!step) {
      return std::unexpected(step.error());
    }
  }
  return {};
}

result<> log_loader::load_segments() {
  log_.segments_.reserve(folder_.segments.size());
  for (const folder_contents::segment_files& files : folder_.segments) {
    segment loaded{.base_offset = files.base_offset,
                   .created_ms = options_.now_ms,
                   .has_transaction_index = files.has_transaction_index};
    const auto file = log_.files_.open(log_file_path(log_.folder_, files.base_offset, suffix::log),
                                       runtime::open_mode::read);
    const auto size = file ? (*file)->size() : result<std::int64_t>(std::unexpected(file.error()));
    if (!size) {
      return std::unexpected(size.error());
    }
    if (*size > std::numeric_limits<std::int32_t>::max()) {
      return fail(error_code::kafka_storage_error,
                  (*file)->path() + ": larger than a segment can be");
    }
    loaded.size_bytes = *size;
    log_.segments_.push_back(loaded);
  }
  if (auto dropped = drop_stray_segments(); !dropped) {
    return dropped;
  }
  const std::size_t last = log_.segments_.size() - 1;
  for (std::size_t i = 0; i < std::min(first_dirty_segment(), last); ++i) {
    auto done = load_clean_segment(log_.segments_[i], folder_.segments[i],
                                   log_.segments_[i + 1].base_offset);
    if (!done) {
      return done;
    }
  }
  return {};
}

result<> log_loader::drop_stray_segments() {
  for (std::size_t i = 1; i < log_.segments_.size();) {
    const auto before_end = log_.segments_[i].size_bytes == 0
                                ? end_of_segment(log_.segments_[i - 1])
                                : result<std::int64_t>(log_.segments_[i].base_offset);
    if (!before_end) {
      return std::unexpected(before_end.error());
    }
    if (*before_end <= log_.segments_[i].base_offset) {
      ++i;
      continue;
    }
    for (const std::string& path : log_.files_of(log_.segments_[i])) {
      if (auto removed = log_.files_.remove(path); !removed) {
        return removed;
      }
    }
    const auto at = static_cast<std::ptrdiff_t>(i);
    log_.segments_.erase(log_.segments_.begin() + at);
    folder_.segments.erase(folder_.segments.begin() + at);
  }
  return {};
}

result<std::int64_t> log_loader::end_of_segment(segment segment) const {
  segment_writer writer(log_.files_, log_.folder_, segment.base_offset);
  auto end = writer.resume(segment, log_.config_->index_interval_bytes);
  // Damage is for the recovery to find.
  return !end && end.error().code == error_code::corrupt_message ? segment.base_offset : end;
}

namespace {

// Whether the last entry of a time index, by which retention goes, can be one: entries grow.
bool ends_soundly(bytes_view index, std::int64_t offset_count) {
  const std::size_t count = count_entries<time_index_entry>(index);
  if (count == 0) {
    return true;
  }
  const auto last = entry_at<time_index_entry>(index, count - 1);
  const auto before =
      count > 1 ? entry_at<time_index_entry>(index, count - 2) : time_index_entry{-1, -1};
  return last.timestamp > before.timestamp && last.relative_offset > before.relative_offset &&
         last.relative_offset < offset_count;
}

}  // namespace

result<> log_loader::build_indexes(segment& segment, std::string_view because) {
  barnabas::log(log_level::warn, "storage", "building the indexes of a segment",
                {field("partition", partition_name(log_.folder_)),
                 field("segment", segment.base_offset), field("because", because)});
  // Both, so that all of the segment is looked at.
  for (const auto name : {suffix::offset_index, suffix::time_index}) {
    const auto removed = log_.files_.remove(log_file_path(log_.folder_, segment.base_offset, name));
    if (!removed) {
      return removed;
    }
  }
  segment_writer writer(log_.files_, log_.folder_, segment.base_offset);
  const auto resumed = writer.resume(segment, log_.config_->index_interval_bytes);
  return resumed ? writer.seal(segment) : std::unexpected(resumed.error());
}

result<> log_loader::load_clean_segment(segment& segment,
                                        const folder_contents::segment_files& files,
                                        std::int64_t next_base_offset) {
  if (segment.size_bytes == 0) {
    return {};
  }
  if (!files.has_time_index || !files.has_offset_index) {
    return build_indexes(segment, "one is missing");
  }
  const std::string path = log_file_path(log_.folder_, segment.base_offset, suffix::time_index);
  const auto index = map_index(log_.files_, path, std::numeric_limits<std::int64_t>::max());
  if (!index) {
    return std::unexpected(index.error());
  }
  if (!ends_soundly(index->view(), next_base_offset - segment.base_offset)) {
    return build_indexes(segment, "its time index is damaged");
  }
  if (const std::size_t count = count_entries<time_index_entry>(index->view()); count > 0) {
    const auto last = entry_at<time_index_entry>(index->view(), count - 1);
    segment.max_timestamp = last.timestamp;
    segment.offset_of_max_timestamp = segment.base_offset + last.relative_offset;
  }
  return {};
}

result<> log_loader::resume_active() {
  segment& active = log_.segments_.back();
  log_.writer_ = std::make_unique<segment_writer>(log_.files_, log_.folder_, active.base_offset);
  const auto end = log_.writer_->resume(active, log_.config_->index_interval_bytes);
  if (end) {
    log_.log_end_offset_ = *end;
    return {};
  }
  if (end.error().code != error_code::corrupt_message) {
    return std::unexpected(end.error());
  }
  // Somebody said that the log was closed cleanly, and it was not so: look at the whole segment.
  barnabas::log(
      log_level::warn, "storage", "checking the last segment of a log that was closed cleanly",
      {field("partition", partition_name(log_.folder_)), field("reason", end.error().message)});
  if (auto loaded = load_snapshot(active.base_offset); !loaded) {
    return loaded;
  }
  if (auto replayed = replay_producers(log_.segments_.size() - 1); !replayed) {
    return replayed;
  }
  checked_from_ = active.base_offset;
  return recover_segments(log_.segments_.size() - 1);
}

result<> log_loader::load_snapshot(std::int64_t offset) {
  if (log_.producers_.map_end_offset() > 0) {
    return {};  // resume_active() came to need it
  }
  log_.producers_.clear(0);
  while (!folder_.snapshots.empty()) {
    const std::int64_t newest = folder_.snapshots.back();
    const std::string path = log_file_path(log_.folder_, newest, suffix::producer_snapshot);
    if (newest <= offset) {
      const auto content = log_.files_.read_text(path);
      if (!content) {
        return std::unexpected(content.error());
      }
      const auto decoded =
          decode_snapshot(as_bytes(*content), options_.now_ms,
                          options_.config->producer_expiration_ms, log_.producers_);
      if (decoded) {
        log_.producers_.set_map_end_offset(newest);
        log_.last_snapshot_offset_ = newest;
        return {};
      }
      barnabas::log(log_level::warn, "storage", "left out a damaged producer snapshot",
                    {field("file", path), field("reason", decoded.error().message)});
    }
    folder_.snapshots.pop_back();
    if (auto removed = log_.files_.remove(path); !removed) {
      return removed;
    }
  }
  return {};
}

result<> log_loader::replay_producers(std::size_t end) {
  const std::int64_t from = log_.producers_.map_end_offset();
  for (std::size_t i = log_.segment_index_of(from); i < end; ++i) {
    const bool is_active = i + 1 == log_.segments_.size();
    const std::int64_t segment_end =
        is_active ? log_.log_end_offset_ : log_.segments_[i + 1].base_offset;
    if (segment_end <= from) {
      continue;
    }
    if (auto replayed = log_.replay_producers(log_.segments_[i], from); !replayed) {
      return replayed;
    }
  }
  return {};
}

result<> log_loader::reload_producers() {
  if (auto loaded = load_snapshot(log_.log_end_offset_); !loaded) {
    return loaded;
  }
  if (auto replayed = replay_producers(log_.segments_.size()); !replayed) {
    return replayed;
  }
  log_.producers_.set_map_end_offset(log_.log_end_offset_);
  return {};
}

result<> log_loader::finish() {
  const std::int64_t first = log_.segments_.front().base_offset;
  log_.log_start_offset_ = std::max(first, options_.log_start_offset);
  if (log_.log_start_offset_ > log_.log_end_offset_) {
    barnabas::log(log_level::warn, "storage", "a log ends below its start offset and is emptied",
                  {field("partition", partition_name(log_.folder_)),
                   field("log_end_offset", log_.log_end_offset_),
                   field("log_start_offset", log_.log_start_offset_)});
    return log_.truncate_fully_and_start_at(log_.log_start_offset_);
  }
  log_.recovery_point_ = options_.had_clean_shutdown
                             ? log_.log_end_offset_
                             : std::min(options_.recovery_point, log_.log_end_offset_);
  log_.has_folder_changed_ = !options_.had_clean_shutdown;
  bool is_changed = log_.epochs_.truncate_from_end(log_.log_end_offset_);
  is_changed |= log_.epochs_.truncate_from_start(log_.log_start_offset_);
  log_.are_epochs_dirty_ = is_changed || are_epochs_damaged_ || log_.recovery_.checked_bytes > 0;
  log_.producers_.set_map_end_offset(log_.log_end_offset_);
  log_.producers_.remove_expired(options_.now_ms, options_.config->producer_expiration_ms);
  log_.writer_->close_file();
  remove_stray_snapshots();
  return {};
}

void log_loader::remove_stray_snapshots() {
  if (folder_.snapshots.empty()) {
    return;
  }
  folder_.snapshots.pop_back();  // the newest
  for (const std::int64_t offset : folder_.snapshots) {
    if (!std::ranges::binary_search(log_.segments_, offset, {}, &segment::base_offset)) {
      std::ignore =
          log_.files_.remove(log_file_path(log_.folder_, offset, suffix::producer_snapshot));
    }
  }
}

result<> log_loader::create_first_segment(std::int64_t base_offset) {
  log_.segments_.push_back({.base_offset = base_offset, .created_ms = options_.now_ms});
  log_.log_end_offset_ = base_offset;
  log_.writer_ = std::make_unique<segment_writer>(log_.files_, log_.folder_, base_offset);
  if (auto made = log_.writer_->create(*log_.config_); !made) {
    return made;
  }
  for (const std::int64_t offset : folder_.snapshots) {
    std::ignore =
        log_.files_.remove(log_file_path(log_.folder_, offset, suffix::producer_snapshot));
  }
  auto done = finish();
  log_.recovery_point_ = base_offset;
  log_.has_folder_changed_ = true;
  return done;
}

}  // namespace barnabas::storage
