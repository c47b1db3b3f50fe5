#include "storage/flusher.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/ensure.h"
#include "base/log.h"
#include "runtime/shard.h"
#include "storage/detail/flush_round.h"

namespace barnabas::storage {
namespace {

// Above it one syncfs is cheaper than a fdatasync a log. With 100 bytes appended to each of 4, 8,
// 25 and 50 logs, four fdatasyncs at a time took 18, 28, 54 and 81 ms on a busy disk, a syncfs 4 to
// 12; with 20 MB more in the page cache, that nobody waits for, 30 to 95 and 16 to 25.
constexpr std::size_t most_single_syncs = 8;
// fdatasyncs at a time: as many as a file system merges into one commit of its journal.
constexpr std::size_t parallel_syncs = 4;
constexpr std::chrono::milliseconds shortest_timed_wait{10};

}  // namespace

struct flusher::lane {
  int directory;
  std::string path;
  bool is_running = false;
  bool is_offline = false;
  std::string reason;
  std::vector<managed_log*> queued;
};

flusher::flusher(runtime::file_system& files, std::vector<std::string> directories,
                 std::function<void(int, const error&)> on_failure)
    : files_(files), on_failure_(std::move(on_failure)) {
  for (auto& path : directories) {
    const int index = static_cast<int>(lanes_.size());
    lanes_.push_back(std::make_unique<lane>(lane{.directory = index, .path = std::move(path)}));
  }
}

flusher::~flusher() = default;

void flusher::enqueue(managed_log& log) {
  if (log.is_queued_ || log.is_released_) {
    return;
  }
  lane& own = lane_of(log);
  if (own.is_offline) {
    return;
  }
  log.is_queued_ = true;
  own.queued.push_back(&log);
  if (!own.is_running) {
    own.is_running = tasks_.spawn(run_rounds(own));
  }
}

// The condition that is notified when the round that covers `offset` ends; queues the log if that
// is a coming one.
runtime::condition& flusher::place_to_wait(managed_log& log, std::int64_t offset) {
  if (log.is_flushing_ && offset <= log.flushing_offset_) {
    return log.flushed_[log.rounds_ % 2];
  }
  enqueue(log);
  return log.flushed_[(log.rounds_ + 1) % 2];
}

runtime::task<result<>> flusher::wait_durable(managed_log& log, std::int64_t offset,
                                              runtime::steady_time deadline) {
  const auto failures = log.failures_;
  while (log.log->recovery_point() < offset) {
    if (auto online = check_online(log.directory); !online) {
      co_return online;
    }
    if (log.is_released_ || log.failures_ != failures) {
      co_return barnabas::fail(error_code::kafka_storage_error,
                               "the records could not be written to disk");
    }
    if (offset > log.log->log_end_offset()) {
      co_return barnabas::fail(error_code::not_leader_or_follower, "the log was truncated");
    }
    ++log.waiters_;
    const bool was_notified = co_await place_to_wait(log, offset).wait_until(deadline);
    --log.waiters_;
    if (!was_notified && log.log->recovery_point() < offset) {
      co_return barnabas::fail(error_code::request_timed_out, "the records are not on disk yet");
    }
  }
  co_return result<>();
}

bool flusher::appended(managed_log& log) {
  const auto& config = log.log->config();
  if (!log.is_flushing_ && log.log->has_unflushed_segment()) {
    enqueue(log);
  }
  const bool is_full = log.log->unflushed_messages() >= config.flush_messages;
  if (is_full) {
    enqueue(log);
  } else if (config.flush_ms < std::numeric_limits<std::int64_t>::max() / 1'000'000 &&
             log.flush_due_ == runtime::no_deadline) {
    log.flush_due_ = runtime::shard::current().now() + std::chrono::milliseconds(config.flush_ms);
    timed_.push_back(&log);
    if (!is_watching_) {
      is_watching_ = tasks_.spawn(watch_flush_times());
    } else if (log.flush_due_ < watched_until_) {
      timed_changed_.notify_all();
    }
  }
  return is_full;
}

runtime::task<> flusher::watch_flush_times() {
  while (!tasks_.is_stopping()) {
    const auto now = runtime::shard::current().now();
    watched_until_ = runtime::no_deadline;
    std::erase_if(timed_, [&](managed_log* log) {
      if (log->flush_due_ > now) {
        watched_until_ = std::min(watched_until_, log->flush_due_);
        return false;
      }
      log->flush_due_ = runtime::no_deadline;
      if (log->log->unflushed_messages() > 0) {
        enqueue(*log);
      }
      return true;
    });
    watched_until_ = std::max(watched_until_, now + shortest_timed_wait);
    co_await timed_changed_.wait_until(timed_.empty() ? runtime::no_deadline : watched_until_);
  }
}

runtime::task<result<>> flusher::flush_all(std::vector<managed_log*> logs) {
  std::vector<std::int64_t> ends;
  for (auto* log : logs) {
    ends.push_back(log->log->log_end_offset());
    if (log->log->recovery_point() < ends.back() && check_online(log->directory)) {
      enqueue(*log);
    }
  }
  result<> outcome;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    auto durable = co_await wait_durable(*logs[i], ends[i], runtime::no_deadline);
    if (!durable && outcome) {
      outcome = std::move(durable);
    }
  }
  co_return outcome;
}

bool flusher::has_offline_directory() const {
  return std::ranges::any_of(lanes_, [](const auto& each) { return each->is_offline; });
}

void flusher::set_offline(int directory, const std::string& reason) {
  lane& lost = *lanes_[static_cast<std::size_t>(directory)];
  if (lost.is_offline) {
    return;
  }
  lost.is_offline = true;
  lost.reason = reason;
  for (auto* log : std::exchange(lost.queued, {})) {
    log->is_queued_ = false;
    log->flushed_[0].notify_all();
    log->flushed_[1].notify_all();
  }
}

result<> flusher::check_online(int directory) const {
  const lane& asked = *lanes_[static_cast<std::size_t>(directory)];
  if (!asked.is_offline) [[likely]] {
    return {};
  }
  return barnabas::fail(error_code::kafka_storage_error,
                        fmt::format("log directory {} is offline: {}", asked.path, asked.reason));
}

void flusher::fail(lane& lane, const error& reason) {
  if (lane.is_offline) {
    return;
  }
  set_offline(lane.directory, reason.message);
  on_failure_(lane.directory, reason);
}

runtime::task<> flusher::release(managed_log& log) {
  log.is_released_ = true;
  if (std::exchange(log.flush_due_, runtime::no_deadline) != runtime::no_deadline) {
    std::erase(timed_, &log);
  }
  if (log.is_queued_) {
    std::erase(lane_of(log).queued, &log);
    log.is_queued_ = false;
  }
  while (log.is_flushing_) {
    co_await round_ended_.wait_until(runtime::no_deadline);
  }
  log.flushed_[0].notify_all();
  log.flushed_[1].notify_all();
  while (log.waiters_ > 0) {
    co_await runtime::yield();
  }
}

void flusher::take_back(managed_log& log) {
  log.is_released_ = false;
  if (log.log->unflushed_messages() > 0) {
    appended(log);
  }
}

runtime::task<> flusher::stop() {
  tasks_.stop();
  timed_changed_.notify_all();
  co_await tasks_.join();
}

std::optional<flush_work> flusher::take_work(managed_log& log) {
  auto work = log.log->take_flush_work();
  const auto unfinished = std::exchange(log.unfinished_, nullptr);
  if (!unfinished || !work) {
    return unfinished ? std::optional(std::move(*unfinished)) : std::move(work);
  }
  work->has_new_files = work->has_new_files || unfinished->has_new_files;
  work->paths.insert(work->paths.end(), unfinished->paths.begin(), unfinished->paths.end());
  if (work->epochs.empty()) {
    work->epochs = std::move(unfinished->epochs);
  }
  return work;
}

std::vector<detail::flushed_log> flusher::begin_round(lane& lane) {
  std::vector<detail::flushed_log> round;
  round.reserve(lane.queued.size());
  for (auto* log : std::exchange(lane.queued, {})) {
    log->is_queued_ = false;
    ++log->rounds_;
    if (auto work = take_work(*log)) {
      log->is_flushing_ = true;
      log->flushing_offset_ = work->offset;
      round.push_back({.log = log, .work = std::move(*work)});
    } else {
      log->flushed_[log->rounds_ % 2].notify_all();
    }
  }
  return round;
}

void flusher::end_round(lane& lane, std::vector<detail::flushed_log>& round) {
  ++totals_.rounds;
  totals_.logs += round.size();
  for (auto& [log, work, outcome, is_final] : round) {
    log->is_flushing_ = false;
    if (outcome) {
      log->log->flushed(work);
    } else if (is_final) {
      fail(lane, outcome.error());
    } else {
      ++log->failures_;
      log->unfinished_ = std::make_unique<flush_work>(std::move(work));
      barnabas::log(log_level::error, "storage", "log could not be flushed",
                    {field("folder", log->log->folder()), field("error", outcome.error().message)});
    }
  }
  for (auto& flushed : round) {
    flushed.log->flushed_[flushed.log->rounds_ % 2].notify_all();
  }
  round_ended_.notify_all();
}

runtime::task<> flusher::run_rounds(lane& lane) {
  // Appends that are ready in this turn of the loop share the first round, also those that have
  // begun to gather in it and are written in the next.
  co_await runtime::yield();
  co_await runtime::yield();
  while (!lane.queued.empty() && !lane.is_offline) {
    auto round = begin_round(lane);
    if (!round.empty()) {
      co_await sync_round(lane, round);
      end_round(lane, round);
    }
  }
  lane.is_running = false;
}

// Every step-th log of the round, from `first` on, on one file thread.
runtime::task<int> flusher::sync_some(const lane& lane, std::vector<detail::flushed_log>& round,
                                      std::size_t first, std::size_t step) {
  co_return co_await runtime::blocking([&, first, step] {
    for (std::size_t i = first; i < round.size(); i += step) {
      detail::sync_log(files_, lane.path, round[i]);
    }
    return 0;
  });
}

runtime::task<> flusher::sync_round(const lane& lane, std::vector<detail::flushed_log>& round) {
  if (round.size() > most_single_syncs) {
    ++totals_.file_system_syncs;
    co_await runtime::blocking([&] {
      detail::sync_together(files_, lane.path, round);
      return 0;
    });
    co_return;
  }
  const std::size_t groups = std::min(round.size(), parallel_syncs);
  std::vector<runtime::task<int>> parts;
  for (std::size_t first = 0; first < groups; ++first) {
    parts.push_back(sync_some(lane, round, first, groups));
  }
  co_await runtime::when_all(std::move(parts));
}

}  // namespace barnabas::storage
