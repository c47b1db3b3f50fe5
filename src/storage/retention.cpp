#include "storage/retention.h"

#include <chrono>

#include "base/log.h"
#include "runtime/shard.h"

namespace barnabas::storage {

std::int32_t delete_old_segments(managed_log& log, std::int64_t now_ms, deletion_queue& deletions) {
  auto deleted = log.log->delete_old_segments(now_ms, log.high_watermark);
  if (!deleted) {
    barnabas::log(log_level::warn, "storage", "old segments could not be deleted",
                  {field("folder", log.log->folder()), field("error", deleted.error().message)});
    return 0;
  }
  const auto due = runtime::shard::current().now() +
                   std::chrono::milliseconds(log.log->config().file_delete_delay_ms);
  for (auto& file : deleted->files) {
    deletions.add_file(std::move(file), due);
  }
  if (deleted->segments > 0) {
    barnabas::log(
        log_level::info, "storage", "deleted old segments",
        {field("folder", log.log->folder()), field("segments", deleted->segments),
         field("bytes", deleted->bytes), field("log_start_offset", log.log->log_start_offset())});
  }
  return deleted->segments;
}

}  // namespace barnabas::storage
