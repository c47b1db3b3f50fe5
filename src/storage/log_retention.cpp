#include <algorithm>

#include "base/log.h"
#include "storage/log.h"
#include "storage/log_file_names.h"
#include "storage/log_recovery.h"
#include "storage/segment_reader.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

namespace {

std::string_view to_text(bool is_by_start, bool is_by_time) {
  return is_by_start ? "log start offset" : is_by_time ? "retention.ms" : "retention.bytes";
}

}  // namespace

std::size_t log::count_deletable(std::int64_t now_ms, std::int64_t high_watermark) const {
  const bool is_by_policy = config_->is_cleanup_delete;
  std::int64_t excess_bytes =
      is_by_policy && config_->retention_bytes >= 0
          ? size_bytes_from(segments_.front().base_offset) - config_->retention_bytes
          : -1;
  std::size_t count = 0;
  for (; count < segments_.size(); ++count) {
    const segment& oldest = segments_[count];
    const bool is_last = count + 1 == segments_.size();
    if (end_offset_of(count) > high_watermark || (is_last && oldest.size_bytes == 0)) {
      break;
    }
    const bool is_by_start = !is_last && end_offset_of(count) <= log_start_offset_;
    const bool is_by_time = is_by_policy && config_->retention_ms >= 0 &&
                            now_ms - oldest.largest_timestamp() > config_->retention_ms;
    const bool is_by_size = excess_bytes >= 0 && excess_bytes >= oldest.size_bytes;
    if (!is_by_start && !is_by_time && !is_by_size) {
      break;
    }
    excess_bytes -= oldest.size_bytes;
    barnabas::log(
        log_level::info, "storage", "deletes a segment",
        {field("partition", partition_name(folder_)), field("segment", oldest.base_offset),
         field("bytes", oldest.size_bytes), field("because", to_text(is_by_start, is_by_time))});
  }
  return count;
}

result<retention_result> log::delete_old_segments(std::int64_t now_ms,
                                                  std::int64_t high_watermark) {
  const std::size_t count = count_deletable(now_ms, high_watermark);
  retention_result deleted;
  if (count == segments_.size()) {
    if (auto rolled = roll_to(log_end_offset_, now_ms); !rolled) {
      return std::unexpected(rolled.error());
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const segment& oldest = segments_[i];
    for (const std::string& path : files_of(oldest)) {
      const std::string set_aside = path + std::string(suffix::deleted);
      if (const auto renamed = files_.rename(path, set_aside); !renamed) {
        if (files_.exists(path)) {
          segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(i));
          return std::unexpected(renamed.error());
        }
        continue;  // not every segment has all files
      }
      deleted.files.push_back(set_aside);
    }
    ++deleted.segments;
    deleted.bytes += oldest.size_bytes;
  }
  if (count > 0) {
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(count));
    cold_reader_.reset();
    const std::int64_t first = segments_.front().base_offset;
    advance_log_start_offset(first);
    recovery_point_ = std::max(recovery_point_, first);
  }
  return deleted;
}

}  // namespace barnabas::storage
