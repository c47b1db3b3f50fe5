// What a shard does for the cleaner, and how others keep the cleaner away from a log.
#include <algorithm>

#include "base/log.h"
#include "runtime/shard.h"
#include "storage/batch_scan.h"
#include "storage/cleaner.h"
#include "storage/log_file_names.h"
#include "storage/log_manager_shard.h"

namespace barnabas::storage {
namespace {

// A log that is not dirty enough, but may hold a record for which max.compaction.lag.ms is over.
struct late_log {
  cleaning_candidate log;
  std::string path;  // of its first dirty segment
  std::int64_t before_ms = 0;
};

// On a file thread. An error will show when somebody reads the segment.
bool is_late(runtime::file_system& files, const late_log& log) {
  const auto file = files.open(log.path, runtime::open_mode::read);
  const auto size = file ? (*file)->size() : result<std::int64_t>(0);
  if (!file || !size || *size == 0) {
    return false;
  }
  batch_scan scan(**file, 0, *size, {.buffer_bytes = record::batch_header_bytes});
  const auto step = scan.next();
  return step && *step == batch_scan::step::batch && scan.current().max_timestamp >= 0 &&
         scan.current().max_timestamp < log.before_ms;
}

}  // namespace

runtime::task<bool> shard_logs::may_go_on(const topic_partition& partition) const {
  const auto at = logs_.find(partition);
  co_return at != logs_.end() && may_compact(*at->second);
}

bool shard_logs::may_compact(const managed_log& log) const {
  return log.log->config().is_cleanup_compact && !log.is_released_ && !log.is_uncleanable_ &&
         log.compaction_holds_ == 0 && flusher_.check_online(log.directory);
}

void shard_logs::roll_for_compaction(managed_log& log, std::int64_t now_ms) {
  const auto rolled = log.log->roll_for_compaction(now_ms);
  if (!rolled) {
    barnabas::log(log_level::warn, "storage", "segment could not be rolled for compaction",
                  {field("folder", log.log->folder()), field("error", rolled.error().message)});
  } else if (*rolled) {
    flusher_.appended(log);
  }
}

runtime::task<std::optional<cleaning_candidate>> shard_logs::find_filthiest() {
  const auto now_ms = runtime::shard::current().wall_clock_ms();
  std::optional<cleaning_candidate> filthiest;
  std::vector<late_log> late;
  for (auto& [partition, log] : logs_) {
    if (log->is_compacting_ || !may_compact(*log)) {
      continue;
    }
    roll_for_compaction(*log, now_ms);
    const auto& config = log->log->config();
    const auto range = log->log->find_cleanable(now_ms, log->high_watermark);
    cleaning_candidate found{partition, range.dirty_ratio()};
    if (range.dirty_bytes > 0 && range.dirty_ratio() > config.min_cleanable_dirty_ratio) {
      if (!filthiest || found.dirty_ratio > filthiest->dirty_ratio) {
        filthiest = std::move(found);
      }
    } else if (range.dirty_bytes > 0 && config.max_compaction_lag_ms < now_ms) {
      late.push_back({std::move(found),
                      log_file_path(log->log->folder(), range.first_dirty_segment, suffix::log),
                      now_ms - config.max_compaction_lag_ms});
    }
  }
  if (filthiest || late.empty()) {
    co_return filthiest;
  }
  std::ranges::sort(late, std::ranges::greater(),
                    [](const late_log& one) { return one.log.dirty_ratio; });
  co_return co_await runtime::blocking([&]() -> std::optional<cleaning_candidate> {
    const auto first =
        std::ranges::find_if(late, [&](const late_log& one) { return is_late(files_, one); });
    return first == late.end() ? std::nullopt : std::optional(first->log);
  });
}

runtime::task<std::optional<compaction_input>> shard_logs::begin_compaction(
    const topic_partition& partition, int& directory) {
  managed_log* log = find(partition);
  if (log == nullptr || log->is_compacting_ || !may_compact(*log)) {
    co_return std::nullopt;
  }
  const auto now_ms = runtime::shard::current().wall_clock_ms();
  const auto range = log->log->find_cleanable(now_ms, log->high_watermark);
  if (range.dirty_bytes == 0) {
    co_return std::nullopt;
  }
  log->is_compacting_ = true;
  directory = log->directory;
  co_return log->log->take_compaction_input(range, now_ms);
}

runtime::task<result<bool>> shard_logs::replace_segments(const topic_partition& partition,
                                                         const segment_group& group,
                                                         std::uint64_t truncations) {
  managed_log* log = find(partition);
  if (log == nullptr || !may_compact(*log)) {
    co_return false;
  }
  auto old = log->log->replace_segments(group, truncations);
  if (!old) {
    co_return std::unexpected(std::move(old.error()));
  }
  if (!*old) {
    co_return false;
  }
  const auto due = runtime::shard::current().now() +
                   std::chrono::milliseconds(log->log->config().file_delete_delay_ms);
  for (auto& file : (*old)->files) {
    deletions_.add_file(std::move(file), due);
  }
  co_return true;
}

runtime::task<> shard_logs::end_compaction(const topic_partition& partition,
                                           std::optional<std::int64_t> cleaned_to,
                                           bool is_damaged) {
  managed_log* log = find(partition);  // it cannot be deleted while it is compacted
  if (cleaned_to && log->compaction_holds_ == 0) {
    log->log->set_cleaned_offset(*cleaned_to);
  }
  log->is_uncleanable_ = log->is_uncleanable_ || is_damaged;
  log->is_compacting_ = false;
  log->compaction_ended_.notify_all();
  co_return;
}

runtime::task<> shard_logs::hold_compaction(managed_log& log) {
  ++log.compaction_holds_;
  while (log.is_compacting_) {
    co_await log.compaction_ended_.wait_until(runtime::no_deadline);
  }
}

void shard_logs::allow_compaction(managed_log& log) {
  --log.compaction_holds_;
}

}  // namespace barnabas::storage
