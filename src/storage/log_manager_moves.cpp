// The log manager's part that moves logs between directories. Its tasks run on the log's shard and
// ask the home shard for what belongs to directories. After each wait the move may have been
// cancelled, or a directory lost.
//
// The end of a move is safe against a crash at any point: the checkpoints of the new directory know
// the copy, appends are held, the copy is on disk, the log's folder becomes t-p.<id>-delete, and
// then the copy's, t-p.<id>-future, the partition's. A start that finds the two of one id and no
// folder of the partition does the last step; a -future folder beside a log begins again. So the
// log's folder gets its name back only if the copy's did not change: after a sync of it that failed
// nobody knows which name the disk has, and the log goes offline with its new directory.
#include <algorithm>

#include "base/log.h"
#include "runtime/shard.h"
#include "storage/detail/managed_directory.h"
#include "storage/log_directory_name.h"
#include "storage/log_manager.h"

namespace barnabas::storage {
namespace {

constexpr std::int64_t most_bytes_at_once = 1 << 20;
constexpr int rounds_before_the_last = 4;
// So soon a move that waits for its byte rate notices that it shall end.
constexpr std::chrono::milliseconds longest_wait{50};

}  // namespace

runtime::task<result<>> log_manager::move_log(topic_partition partition, int directory) {
  auto& shard = runtime::shard::current();
  const auto high = shard.random();
  const std::string name = future_folder_name(partition, uuid::from_random(high, shard.random()));
  if (name.empty()) {
    co_return fail(error_code::invalid_topic_exception,
                   partition.to_string() + ": the name is too long for a folder of a move");
  }
  if (auto online = here().flusher().check_online(directory); !online) {
    co_return online;
  }
  managed_log* log = here().find(partition);
  if (log != nullptr && log->move && log->move->directory() == directory) {
    co_return result<>();
  }
  co_await end_move(partition);
  log = here().find(partition);
  if (log == nullptr || log->is_released_) {
    co_return fail(error_code::unknown_topic_or_partition,
                   "there is no log of " + partition.to_string());
  }
  if (log->directory == directory) {
    co_return result<>();
  }
  co_return co_await begin_move(
      std::move(partition), *log, directory,
      options_.directories[static_cast<std::size_t>(directory)] + '/' + name);
}

// Returns when the partition's log is not being moved.
runtime::task<> log_manager::end_move(topic_partition partition) {
  managed_log* log = here().find(partition);
  while (log != nullptr && log->move) {
    log->move->is_cancelled = true;
    co_await here().move_ended_.wait_until(runtime::no_deadline);
    log = here().find(partition);
  }
}

runtime::task<result<>> log_manager::begin_move(topic_partition partition, managed_log& log,
                                                int directory, std::string folder) {
  log.move = std::make_unique<log_move>(directory, std::move(folder));
  const auto reserved =
      co_await runtime::on_shard(home(), [&] { return reserve_in(directory, partition); });
  auto begun = reserved ? co_await log.move->begin(files(), *log.log)
                        : result<>(std::unexpected(reserved.error()));
  if (begun) {
    begun = co_await runtime::on_shard(home(), [&] {
      return directories_[static_cast<std::size_t>(directory)]->creations.sync(log.move->folder());
    });
    log.move->has_failed_there = !begun;
  }
  if (!begun) {
    co_await give_up_move(partition, log, begun.error(), reserved.has_value());
    co_return begun;
  }
  here().tasks_.spawn(run_move(std::move(partition), log));
  co_return begun;
}

runtime::task<> log_manager::run_move(topic_partition partition, managed_log& log) {
  shard_logs& owner = here();
  while (owner.is_moving_ && check_move(log)) {
    co_await owner.move_ended_.wait_until(runtime::shard::current().now() + longest_wait);
  }
  result<> outcome = check_move(log);
  if (outcome) {
    owner.is_moving_ = true;
    co_await owner.hold_compaction(log);
    outcome = co_await replace_by_copy(partition, log);
    shard_logs::allow_compaction(log);
    owner.is_moving_ = false;
  }
  if (outcome) {
    log.move.reset();
    owner.move_ended_.notify_all();
  } else {
    co_await give_up_move(partition, log, outcome.error(), true);
  }
}

// The log stays where it is. At a stop the copy's folder stays, too: the next start begins again.
runtime::task<> log_manager::give_up_move(const topic_partition& partition, managed_log& log,
                                          error reason, bool was_reserved) {
  const log_move& move = *log.move;
  if (move.has_failed_there && is_lost(reason)) {
    report_offline(runtime::shard::current().index(), move.directory(), reason);
  }
  if (move.is_cancelled || !here().tasks_.is_stopping()) {
    barnabas::log(log_level::warn, "storage", "a log stays where it is",
                  {field("partition", partition.to_string()), field("copy", move.folder()),
                   field("reason", reason.message)});
    std::ignore = co_await runtime::blocking([&] { return files().remove_folder(move.folder()); });
  }
  if (was_reserved) {
    co_await runtime::on_shard(
        home(), [&] { return give_back(move.directory(), partition, move.is_in_checkpoints); });
  }
  log.move.reset();
  here().move_ended_.notify_all();
}

// Nothing, or why the move is not to go on.
result<> log_manager::check_move(const managed_log& log) {
  if (log.move->is_cancelled || here().tasks_.is_stopping()) {
    return fail(error_code::kafka_storage_error, "the move was cancelled");
  }
  auto online = here().flusher().check_online(log.directory);
  return online ? here().flusher().check_online(log.move->directory()) : online;
}

// Copies what the log has now, to the disk. Appends go on meanwhile, unless they are held.
runtime::task<result<>> log_manager::catch_up(managed_log& log) {
  log_move& move = *log.move;
  const std::int64_t end = log.log->log_end_offset();
  std::int64_t unpaid_bytes = 0;
  while (!move.has_all_of(*log.log, end)) {
    if (auto going = check_move(log); !going) {
      co_return going;
    }
    const move_pace pace = co_await runtime::on_shard(
        home(), [&] { return pay_for_move(std::exchange(unpaid_bytes, 0)); });
    if (!log.is_paused && runtime::shard::current().now() < pace.next) {
      co_await here().tasks_.stopped().wait_until(
          std::min(pace.next, runtime::shard::current().now() + longest_wait));
      continue;
    }
    const auto copied = co_await move.copy_some(*log.log, pace.most_bytes);
    if (!copied) {
      co_return std::unexpected(copied.error());
    }
    unpaid_bytes = *copied;
  }
  co_return co_await move.sync(files());
}

// When the next bytes may be copied, and how many.
runtime::task<log_manager::move_pace> log_manager::pay_for_move(std::int64_t bytes) {
  const double most = std::clamp(move_rate_.most_per_second(), 1.0, double{most_bytes_at_once});
  co_return move_pace{move_rate_.pay(bytes, runtime::shard::current().now()),
                      static_cast<std::int64_t>(most)};
}

// The copy catches up and takes the log's place.
runtime::task<result<>> log_manager::replace_by_copy(const topic_partition& partition,
                                                     managed_log& log) {
  // Each time what was appended during the last one, so that hardly anything is left when appends
  // have to wait.
  for (int i = 0; i < rounds_before_the_last; ++i) {
    if (auto caught_up = co_await catch_up(log); !caught_up) {
      co_return caught_up;
    }
  }
  log.move->is_in_checkpoints = true;
  co_await runtime::on_shard(home(), [this] { return write_checkpoints(); });
  log.is_paused = true;
  flusher& disk = here().flusher();
  // Nobody waits for the log's disk when it goes.
  result<> outcome = co_await disk.flush_all({&log});
  if (outcome) {
    outcome = co_await catch_up(log);
  }
  if (outcome) {
    co_await disk.release(log);
    outcome = co_await exchange_logs(partition, log);
    disk.take_back(log);
  }
  log.is_paused = false;
  log.resumed.notify_all();
  co_return outcome;
}

// The moment of a move, in the order that a start understands.
runtime::task<result<>> log_manager::exchange_logs(const topic_partition& partition,
                                                   managed_log& log) {
  const std::string& from = options_.directories[static_cast<std::size_t>(log.directory)];
  const std::string& to = options_.directories[static_cast<std::size_t>(log.move->directory())];
  const std::string folder = log.log->folder();
  const std::string copied = log.move->folder();
  const std::string deleted = from + '/' + deleted_folder_of(copied.substr(to.size() + 1));
  const std::string target = to + '/' + partition.to_string();
  const result<> gone =
      co_await runtime::blocking([&] { return set_aside(files(), from, folder, deleted); });
  const result<> there =
      gone ? co_await runtime::blocking([&] { return files().rename(copied, target); }) : gone;
  if (!there) {
    log.move->has_failed_there = gone.has_value();
    const result<> back =
        co_await runtime::blocking([&] { return set_aside(files(), from, deleted, folder); });
    if (!gone || !back) {
      report_offline(runtime::shard::current().index(), log.directory,
                     (gone ? back : gone).error());
    }
    co_return there;
  }
  const result<> synced = co_await runtime::blocking([&] { return files().sync_folder(to); });
  const auto old = std::exchange(log.log, log.move->take(*log.log, target));
  const int was = std::exchange(log.directory, log.move->directory());
  log.log->advance_high_watermark(log.high_watermark);
  log.unfinished_.reset();
  if (synced) {
    here().deletions_.add_folder(deleted,
                                 runtime::shard::current().now() +
                                     std::chrono::milliseconds(old->config().file_delete_delay_ms));
  } else {
    report_offline(runtime::shard::current().index(), log.directory, synced.error());
  }
  co_await runtime::on_shard(home(), [&] { return give_back(was, partition, true); });
  barnabas::log(log_level::info, "storage", "moved log",
                {field("partition", partition.to_string()), field("from", from), field("to", to),
                 field("bytes", log.log->size_bytes())});
  co_return result<>();
}

// In start(), when the directories have been read.
void log_manager::find_interrupted_moves() {
  const auto any_has = [this](const auto& list, const auto& what) {
    return std::ranges::any_of(directories_, [&](const auto& directory) {
      return std::ranges::count(directory->content.*list, what) > 0;
    });
  };
  for (auto& directory : directories_) {
    for (const std::string& folder : directory->content.future_folders) {
      const topic_partition name = parse_folder_name(folder)->partition;
      const bool is_whole_name = folder.starts_with(name.to_string() + '.');
      const bool has_log = any_has(&directory_content::partitions, name);
      const bool was_last_step =
          any_has(&directory_content::deleted_folders, deleted_folder_of(folder));
      if (is_whole_name && has_log) {
        interrupted_moves_.push_back(
            {name, directory->index, directory->directory.path() + '/' + folder});
      } else if (is_whole_name && was_last_step) {
        directory->content.partitions.push_back(name);
        directory->to_finish.emplace_back(directory->directory.path() + '/' + folder,
                                          directory->directory.folder_of(name));
      } else {
        barnabas::log(log_level::warn, "storage",
                      "the copy of a log that is not here is left alone",
                      {field("folder", directory->directory.path() + '/' + folder)});
      }
    }
  }
}

runtime::task<> log_manager::resume_moves(const partition_registry& registry) {
  for (interrupted_move& move : std::exchange(interrupted_moves_, {})) {
    co_await runtime::on_shard(world_.shard_at(registry.shard_of(move.partition)),
                               [this, &move] { return resume_move(std::move(move)); });
  }
}

runtime::task<> log_manager::resume_move(interrupted_move move) {
  managed_log* log = here().find(move.partition);
  if (log == nullptr || log->move || log->directory == move.directory) {
    co_return;
  }
  std::ignore =
      co_await begin_move(std::move(move.partition), *log, move.directory, std::move(move.folder));
}

void log_manager::set_move_rate(std::int64_t bytes_per_second) {
  move_rate_.change(static_cast<double>(bytes_per_second));
}

}  // namespace barnabas::storage
