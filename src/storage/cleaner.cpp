#include "storage/cleaner.h"

#include <algorithm>

#include "base/log.h"
#include "runtime/shard.h"
#include "storage/log_manager.h"

namespace barnabas::storage {

struct log_cleaner::round {
  cleaning_candidate log;
  int shard = 0;
  int directory = 0;
  std::uint64_t truncations = 0;
  std::string folder;
  std::int64_t end_offset = 0;
  runtime::steady_time began{};
  std::unique_ptr<compaction> work;
  std::int32_t replaced_segments = 0;
  std::int64_t bytes_before = 0;
  std::int64_t bytes_after = 0;
};

namespace {
constexpr std::size_t smallest_buffer_bytes = 64 << 10;
// So soon a round that waits for its byte rate notices that it shall end.
constexpr std::chrono::milliseconds longest_wait{50};
}  // namespace

void log_cleaner::start() {
  has_started_ = options_.is_enabled;
  start_workers();
}

void log_cleaner::start_workers() {
  while (has_started_ && workers_ < options_.threads && tasks_.spawn(work())) {
  }
}

void log_cleaner::change(const cleaner_options& options) {
  if (options.max_bytes_per_second != options_.max_bytes_per_second) {
    rate_.change(options.max_bytes_per_second);
  }
  options_ = options;
  start_workers();
  woken_.notify_all();
}

runtime::task<> log_cleaner::stop() {
  tasks_.stop();
  woken_.notify_all();
  co_await tasks_.join();
}

runtime::task<> log_cleaner::work() {
  ++workers_;
  while (!tasks_.is_stopping() && workers_ <= options_.threads) {
    if (!co_await clean_filthiest() && !tasks_.is_stopping()) {
      co_await woken_.wait_until(runtime::shard::current().now() + options_.backoff);
    }
  }
  --workers_;
}

runtime::task<bool> log_cleaner::clean_filthiest() {
  auto begun = co_await begin_round();
  if (!begun) {
    co_return false;
  }
  const auto outcome = co_await run(*begun);
  co_await end_round(*begun, outcome);
  co_return outcome && *outcome;
}

// The filthiest log of all shards, with the round that it needs.
runtime::task<std::optional<log_cleaner::round>> log_cleaner::begin_round() {
  std::optional<cleaning_candidate> filthiest;
  round begun;
  const int shards = manager_.world_.shard_count();
  for (int i = 0; i < shards; ++i) {
    shard_logs& logs = manager_.on(i);
    auto found = co_await runtime::on_shard(manager_.world_.shard_at(i),
                                            [&logs] { return logs.find_filthiest(); });
    if (found && (!filthiest || found->dirty_ratio > filthiest->dirty_ratio)) {
      filthiest = std::move(found);
      begun.shard = i;
    }
  }
  if (!filthiest) {
    co_return std::nullopt;
  }
  begun.log = std::move(*filthiest);
  shard_logs& logs = manager_.on(begun.shard);
  auto input = co_await runtime::on_shard(manager_.world_.shard_at(begun.shard), [&] {
    return logs.begin_compaction(begun.log.partition, begun.directory);
  });
  if (!input) {
    co_return std::nullopt;
  }
  auto& home = runtime::shard::current();
  const int threads = std::max(options_.threads, 1);
  begun.truncations = input->truncations;
  begun.folder = input->folder;
  begun.end_offset = input->end_offset;
  begun.began = home.now();
  const auto buffer_bytes = static_cast<std::size_t>(options_.buffer_bytes / threads);
  begun.work = std::make_unique<compaction>(
      manager_.files(), std::move(*input),
      compaction_limits{.map_bytes = options_.map_bytes / threads,
                        .map_load_factor = options_.map_load_factor,
                        .buffer_bytes = std::max(buffer_bytes, smallest_buffer_bytes),
                        .seed = home.random()});
  co_return begun;
}

// True when the round came to its end, false when it was given up.
runtime::task<result<bool>> log_cleaner::run(round& current) {
  compaction& work = *current.work;
  std::int64_t paid_bytes = 0;
  while (true) {
    auto state = co_await runtime::blocking([&work] { return work.step(); });
    if (!state) {
      co_return std::unexpected(std::move(state.error()));
    }
    if (*state == compaction::state::done) {
      co_return true;
    }
    if (*state == compaction::state::group_ready) {
      auto taken = co_await take_group(current);
      if (!taken || !*taken) {
        co_return taken;
      }
    }
    const std::int64_t moved = work.moved_bytes();
    if (!co_await throttle(current, moved - std::exchange(paid_bytes, moved))) {
      co_await runtime::blocking([&work] {
        work.discard();
        return 0;
      });
      co_return false;
    }
  }
}

runtime::task<bool> log_cleaner::may_go_on(const round& current) {
  if (tasks_.is_stopping()) {
    co_return false;
  }
  const shard_logs& logs = manager_.on(current.shard);
  co_return co_await runtime::on_shard(manager_.world_.shard_at(current.shard),
                                       [&] { return logs.may_go_on(current.log.partition); });
}

// Before a hole can be in the log its recovery point must be on disk: recovery takes one above it
// for damage.
runtime::task<result<bool>> log_cleaner::take_group(round& current) {
  if (current.replaced_segments == 0) {
    co_await manager_.write_recovery_points();
  }
  compaction& work = *current.work;
  shard_logs& logs = manager_.on(current.shard);
  auto replaced = co_await runtime::on_shard(manager_.world_.shard_at(current.shard), [&] {
    return logs.replace_segments(current.log.partition, work.ready(), current.truncations);
  });
  if (!replaced) {
    // Nobody knows any more which name is whose; the next start does.
    co_await manager_.set_offline(current.directory, replaced.error());
    co_return std::unexpected(std::move(replaced.error()));
  }
  if (!*replaced) {
    co_await runtime::blocking([&work] {
      work.discard();
      return 0;
    });
    co_return false;
  }
  current.replaced_segments += static_cast<std::int32_t>(work.ready().replaced.size());
  for (const segment_range& range : work.ready().replaced) {
    current.bytes_before += range.segment.size_bytes;
  }
  current.bytes_after += work.ready().cleaned.size_bytes;
  // Groups become durable in their order: a tombstone never goes before what it deleted.
  auto synced =
      co_await runtime::blocking([&] { return manager_.files().sync_folder(current.folder); });
  co_return synced ? result<bool>(true) : std::unexpected(std::move(synced.error()));
}

runtime::task<> log_cleaner::end_round(round& current, const result<bool>& outcome) {
  const bool is_done = outcome && *outcome;
  const bool is_damaged = !outcome && outcome.error().code != error_code::kafka_storage_error;
  shard_logs& logs = manager_.on(current.shard);
  co_await runtime::on_shard(manager_.world_.shard_at(current.shard), [&] {
    return logs.end_compaction(current.log.partition,
                               is_done ? std::optional(current.work->cleaned_to()) : std::nullopt,
                               is_damaged);
  });
  if (!outcome) {
    barnabas::log(log_level::error, "storage",
                  is_damaged ? "log cannot be compacted and is left alone until the next start"
                             : "compaction failed",
                  {field("folder", current.folder), field("error", outcome.error().message)});
    if (is_lost(outcome.error())) {
      co_await manager_.set_offline(current.directory, outcome.error());
    }
    co_return;
  }
  if (!is_done) {
    co_return;
  }
  co_await manager_.write_checkpoint(checkpoint_kind::cleaner);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      runtime::shard::current().now() - current.began);
  barnabas::log(log_level::info, "storage", "compacted a log",
                {field("folder", current.folder), field("to_offset", current.work->cleaned_to()),
                 field("of_offset", current.end_offset),
                 field("replaced_segments", current.replaced_segments),
                 field("bytes_before", current.bytes_before),
                 field("bytes_after", current.bytes_after), field("took_ms", took.count())});
}

// False when the round shall not go on, which is asked at least once.
runtime::task<bool> log_cleaner::throttle(const round& current, std::int64_t bytes) {
  const auto& home = runtime::shard::current();
  rate_.pay(bytes, home.now());
  bool may_go = co_await may_go_on(current);
  // Asked again each time: the rate may change.
  for (auto paid_until = rate_.pay(0, home.now()); may_go && home.now() < paid_until;
       paid_until = rate_.pay(0, home.now())) {
    co_await tasks_.stopped().wait_until(std::min(paid_until, home.now() + longest_wait));
    may_go = co_await may_go_on(current);
  }
  co_return may_go;
}

}  // namespace barnabas::storage
