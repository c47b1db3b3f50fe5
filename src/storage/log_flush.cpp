#include "storage/log_flush.h"

#include "storage/log.h"
#include "storage/log_file_names.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

result<> flush_work::write_epochs(runtime::file_system& files) const {
  return epochs.empty()
             ? result<>()
             : files.replace_text(folder + '/' + std::string(leader_epoch_file_name), epochs);
}

result<> flush_work::sync(runtime::file_system& files) const {
  for (const std::string& path : paths) {
    const auto file = files.open(path, runtime::open_mode::read_write);
    if (!file && !files.exists(path)) {
      continue;  // retention took it meanwhile, or there is no such index
    }
    auto done = file ? (*file)->sync() : std::unexpected(file.error());
    if (!done) {
      return done;
    }
  }
  if (active) {
    if (auto done = active->sync(); !done) {
      return done;
    }
  }
  return has_new_files ? files.sync_folder(folder) : result<>();
}

bool log::has_unflushed_segment() const {
  return active().base_offset > recovery_point_;
}

std::optional<flush_work> log::take_flush_work() {
  if (recovery_point_ >= log_end_offset_ && !are_epochs_dirty_ && !has_folder_changed_) {
    return std::nullopt;
  }
  flush_work work{.offset = log_end_offset_, .folder = folder_, .truncations = truncations_};
  // Also the segment that ends there: its indexes were written when it was rolled, perhaps since.
  for (std::size_t i = segment_index_of(recovery_point_ - 1); i + 1 < segments_.size(); ++i) {
    const auto files = files_of(segments_[i]);
    work.paths.insert(work.paths.end(), files.begin(), files.end());
  }
  work.active = writer_->file_if_open();
  if (!work.active) {
    work.paths.push_back(log_file_path(folder_, active().base_offset, suffix::log));
  }
  if (segments_.size() > 1 && has_folder_changed_) {
    work.paths.push_back(log_file_path(folder_, active().base_offset, suffix::producer_snapshot));
  }
  if (std::exchange(are_epochs_dirty_, false)) {
    work.epochs = epochs_.to_text();
  }
  work.has_new_files = std::exchange(has_folder_changed_, false);
  return work;
}

void log::flushed(const flush_work& done) {
  if (done.truncations == truncations_ && done.offset > recovery_point_) {
    recovery_point_ = done.offset;
  }
}

}  // namespace barnabas::storage
