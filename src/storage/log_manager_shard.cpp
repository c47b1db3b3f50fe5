#include "storage/log_manager_shard.h"

#include <chrono>

#include "base/ensure.h"
#include "base/log.h"
#include "runtime/shard.h"
#include "storage/retention.h"

namespace barnabas::storage {
namespace {

// So many segments are taken out (three renames each) before other work gets its turn.
constexpr std::int32_t segments_at_once = 16;
constexpr std::size_t closed_at_once = 16;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E37'79B9'7F4A'7C15;
  return hash ^ (hash >> 29);
}

// What the checkpoint says of the log; nothing when it has no entry. As in Kafka a log start is
// only written when it lies inside the first segment, else the file names say it.
std::optional<std::int64_t> offset_of(checkpoint_kind kind, const managed_log& managed) {
  const auto& log = *managed.log;
  switch (kind) {
    case checkpoint_kind::recovery_point:
      return log.recovery_point();
    case checkpoint_kind::high_watermark:
      return managed.high_watermark;
    case checkpoint_kind::log_start:
      if (log.log_start_offset() > log.segments().front().base_offset) {
        return log.log_start_offset();
      }
      return std::nullopt;
    case checkpoint_kind::cleaner:
      return log.cleaned_offset() >= 0 ? std::optional(log.cleaned_offset()) : std::nullopt;
  }
  return std::nullopt;
}

// The same for a copy that is about to take the log's place.
std::optional<std::int64_t> copy_offset_of(checkpoint_kind kind, const managed_log& managed) {
  if (!managed.move || !managed.move->is_in_checkpoints) {
    return std::nullopt;
  }
  return kind == checkpoint_kind::recovery_point ? managed.move->durable_offset()
                                                 : offset_of(kind, managed);
}

}  // namespace

shard_logs::shard_logs(runtime::file_system& files, const log_manager_options& options,
                       std::function<void(int, const error&)> on_failure)
    : files_(files),
      options_(options),
      flusher_(files, options.directories, std::move(on_failure)),
      deletions_(files) {}

managed_log* shard_logs::find(const topic_partition& partition) {
  const auto at = logs_.find(partition);
  return at == logs_.end() ? nullptr : at->second.get();
}

void shard_logs::add(topic_partition partition, std::unique_ptr<storage::log> opened, int directory,
                     std::int64_t high_watermark) {
  auto managed = std::make_unique<managed_log>(std::move(opened), directory);
  managed->high_watermark =
      std::clamp(high_watermark, managed->log->log_start_offset(), managed->log->log_end_offset());
  managed->log->advance_high_watermark(managed->high_watermark);
  const bool is_new = logs_.emplace(std::move(partition), std::move(managed)).second;
  ensure(is_new, "a partition has one log on its shard");
}

std::optional<std::vector<offset_lines>> shard_logs::collect(checkpoint_kind kind,
                                                             std::uint64_t& hash) const {
  std::uint64_t found = 1;
  for (const auto& [partition, log] : logs_) {
    found = mix(found, reinterpret_cast<std::uintptr_t>(log.get()));
    found = mix(found, static_cast<std::uint64_t>(log->directory));
    found = mix(found, static_cast<std::uint64_t>(offset_of(kind, *log).value_or(-1)));
    found = mix(found, static_cast<std::uint64_t>(copy_offset_of(kind, *log).value_or(-1)));
  }
  if (found == hash) {
    return std::nullopt;
  }
  hash = found;
  std::vector<offset_lines> lines(options_.directories.size());
  for (const auto& [partition, log] : logs_) {
    if (const auto offset = offset_of(kind, *log)) {
      lines[static_cast<std::size_t>(log->directory)].add(partition, *offset);
    }
    if (const auto offset = copy_offset_of(kind, *log)) {
      lines[static_cast<std::size_t>(log->move->directory())].add(partition, *offset);
    }
  }
  return lines;
}

void shard_logs::start() {
  tasks_.spawn(repeat(options_.retention_check_interval, &shard_logs::apply_retention));
  tasks_.spawn(repeat(options_.producer_expiration_check_interval, &shard_logs::expire_producers));
  tasks_.spawn(repeat(options_.idle_check_interval, &shard_logs::release_idle));
}

runtime::task<> shard_logs::repeat(std::chrono::milliseconds interval,
                                   runtime::task<> (shard_logs::*job)()) {
  while (!tasks_.is_stopping()) {
    co_await tasks_.stopped().wait_until(runtime::shard::current().now() + interval);
    if (!tasks_.is_stopping()) {
      co_await (this->*job)();
    }
  }
}

runtime::task<> shard_logs::apply_retention() {
  for (bool has_more = true; has_more; co_await runtime::yield()) {
    // Begins again after each pause, since logs may have come or gone; what was deleted is not
    // found a second time.
    std::int32_t segments = 0;
    const auto now_ms = runtime::shard::current().wall_clock_ms();
    for (auto& [partition, log] : logs_) {
      if (segments < segments_at_once && !log->is_released_ && !log->is_paused &&
          flusher_.check_online(log->directory)) {
        segments += delete_old_segments(*log, now_ms, deletions_);
      }
    }
    has_more = segments >= segments_at_once;
  }
}

runtime::task<> shard_logs::expire_producers() {
  const auto now_ms = runtime::shard::current().wall_clock_ms();
  for (auto& [partition, log] : logs_) {
    log->log->remove_expired_producers(now_ms);
  }
  co_return;
}

runtime::task<> shard_logs::release_idle() {
  for (auto& [partition, log] : logs_) {
    const auto end = log->log->log_end_offset();
    if (std::exchange(log->end_at_last_look_, end) == end) {
      log->log->release_idle();
    }
  }
  co_return;
}

runtime::task<int> shard_logs::close_some(const std::vector<managed_log*>& logs, std::size_t& next,
                                          std::vector<bool>& failed) {
  while (next < logs.size()) {
    const std::span chunk(logs.data() + next, std::min(closed_at_once, logs.size() - next));
    next += chunk.size();
    const auto outcomes = co_await runtime::blocking([chunk] {
      std::vector<result<>> closed;
      for (auto* log : chunk) {
        closed.push_back(log->log->close());
      }
      return closed;
    });
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      if (chunk[i]->unfinished_) {
        failed[static_cast<std::size_t>(chunk[i]->directory)] = true;
      }
      if (!outcomes[i]) {
        failed[static_cast<std::size_t>(chunk[i]->directory)] = true;
        barnabas::log(log_level::error, "storage",
                      "log could not be closed; the next start recovers it",
                      {field("folder", chunk[i]->log->folder()),
                       field("error", outcomes[i].error().message)});
      }
    }
  }
  co_return 0;
}

runtime::task<std::vector<bool>> shard_logs::close_all() {
  tasks_.stop();
  co_await tasks_.join();
  co_await deletions_.stop();
  std::vector<bool> failed(options_.directories.size());
  std::vector<managed_log*> open;
  for (auto& [partition, log] : logs_) {
    if (flusher_.check_online(log->directory)) {
      open.push_back(log.get());
    }
  }
  // Failures show again when the logs are closed.
  (void)co_await flusher_.flush_all(open);
  for (auto& [partition, log] : logs_) {
    co_await flusher_.release(*log);
  }
  co_await flusher_.stop();
  std::erase_if(open,
                [this](const managed_log* log) { return !flusher_.check_online(log->directory); });
  std::size_t next = 0;
  std::vector<runtime::task<int>> workers;
  for (int i = 0; i < options_.concurrent_opens; ++i) {
    workers.push_back(close_some(open, next, failed));
  }
  co_await runtime::when_all(std::move(workers));
  co_return failed;
}

}  // namespace barnabas::storage
