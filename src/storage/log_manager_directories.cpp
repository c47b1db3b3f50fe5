// The home shard's part of the log manager: which directory a log goes to, which are offline, and
// their checkpoints.
#include <fmt/format.h>

#include "base/log.h"
#include "runtime/shard.h"
#include "storage/detail/managed_directory.h"
#include "storage/log_directory_rewrite.h"
#include "storage/log_manager.h"

namespace barnabas::storage {
namespace {

constexpr std::array<std::string_view, checkpoint_kinds> file_names{
    recovery_point_checkpoint, high_watermark_checkpoint, log_start_checkpoint, cleaner_checkpoint};

}  // namespace

runtime::task<result<log_manager::reservation>> log_manager::reserve(topic_partition partition) {
  managed_directory* chosen = nullptr;
  for (auto& directory : directories_) {
    if (directory->is_online && !directory->is_cordoned &&
        (chosen == nullptr || directory->partitions < chosen->partitions)) {
      chosen = directory.get();
    }
  }
  if (chosen == nullptr) {
    co_return fail(error_code::kafka_storage_error,
                   "no log directory is online and takes new logs");
  }
  co_return co_await reserve_in(chosen->index, std::move(partition));
}

runtime::task<result<log_manager::reservation>> log_manager::reserve_in(int directory,
                                                                        topic_partition partition) {
  managed_directory& chosen = *directories_[static_cast<std::size_t>(directory)];
  ++chosen.partitions;
  if (chosen.stale.contains(partition)) {
    co_await write_checkpoints();
    if (chosen.stale.contains(partition)) {
      --chosen.partitions;
      co_return fail(error_code::kafka_storage_error,
                     fmt::format("the checkpoints of log directory {} cannot be written",
                                 chosen.directory.path()));
    }
  }
  co_return reservation{chosen.index, chosen.directory.path()};
}

bool log_manager::takes_new_logs() const {
  return !std::ranges::all_of(directories_, &managed_directory::is_cordoned);
}

void log_manager::set_cordoned(const std::vector<std::string>& directories) {
  for (auto& directory : directories_) {
    directory->is_cordoned = std::ranges::any_of(directories, [&](const std::string& path) {
      return path == "*" || files().absolute(path) == directory->directory.path();
    });
  }
}

runtime::task<> log_manager::give_back(int directory, topic_partition partition, bool was_deleted) {
  managed_directory& owner = *directories_[static_cast<std::size_t>(directory)];
  --owner.partitions;
  if (was_deleted) {
    owner.stale.insert(std::move(partition));
  }
  co_return;
}

void log_manager::report_offline(int shard, int directory, const error& reason) {
  on(shard).tasks_.spawn(spread_offline(directory, reason));
}

runtime::task<> log_manager::spread_offline(int directory, error reason) {
  co_await runtime::on_shard(home(), [&] { return set_offline(directory, reason); });
}

runtime::task<> log_manager::set_offline(int directory, error reason) {
  managed_directory& lost = *directories_[static_cast<std::size_t>(directory)];
  if (!lost.is_online) {
    co_return;
  }
  lost.is_online = false;
  lost.offline_reason = reason.message;
  barnabas::log(log_level::error, "storage",
                "log directory is offline; its partitions take no more writes",
                {field("directory", lost.directory.path()), field("error", reason.message)});
  co_await mark_failure(lost);
  for (int i = 0; i < world_.shard_count(); ++i) {
    co_await runtime::on_shard(world_.shard_at(i),
                               [&] { return tell_offline(on(i), directory, reason.message); });
  }
}

runtime::task<> log_manager::mark_failure(const managed_directory& directory) {
  if (is_started_) {
    co_await runtime::blocking([&] {
      note_failed_sync(files(), directory.directory.path());
      return 0;
    });
  }
}

runtime::task<> log_manager::tell_offline(shard_logs& logs, int directory, std::string reason) {
  logs.flusher().set_offline(directory, reason);
  co_return;
}

runtime::task<> log_manager::write_checkpoints() {
  // What is stale now is in none of the files afterwards: the logs left their shards' lists before.
  std::vector<std::unordered_set<topic_partition>> stale;
  for (auto& directory : directories_) {
    stale.push_back(directory->stale);
  }
  co_await write_checkpoint(checkpoint_kind::recovery_point);
  co_await write_checkpoint(checkpoint_kind::high_watermark);
  co_await write_checkpoint(checkpoint_kind::log_start);
  co_await write_checkpoint(checkpoint_kind::cleaner);
  for (std::size_t i = 0; i < directories_.size(); ++i) {
    const bool is_written = std::ranges::none_of(
        checkpoints_,
        [i](const checkpoint_cache& checkpoint) { return checkpoint.is_outdated[i]; });
    if (is_written) {
      std::erase_if(directories_[i]->stale,
                    [&](const auto& partition) { return stale[i].contains(partition); });
    }
  }
}

runtime::task<> log_manager::write_recovery_points() {
  co_await runtime::on_shard(home(),
                             [this] { return write_checkpoint(checkpoint_kind::recovery_point); });
}

// One at a time, so that a file never goes back to older offsets.
runtime::task<> log_manager::write_checkpoint(checkpoint_kind kind) {
  while (is_writing_checkpoint_) {
    co_await checkpoint_written_.wait_until(runtime::no_deadline);
  }
  is_writing_checkpoint_ = true;
  auto& checkpoint = checkpoints_[static_cast<std::size_t>(kind)];
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto& shard = world_.shard_at(static_cast<int>(i));
    auto lines = co_await runtime::on_shard(
        shard, [&, i] { return collect(*shards_[i], kind, checkpoint.hashes[i]); });
    for (std::size_t d = 0; lines.lines && d < directories_.size(); ++d) {
      checkpoint.is_outdated[d] =
          checkpoint.is_outdated[d] || checkpoint.lines[i][d] != (*lines.lines)[d];
      checkpoint.lines[i][d] = std::move((*lines.lines)[d]);
    }
    checkpoint.hashes[i] = lines.hash;
  }
  for (auto& directory : directories_) {
    if (directory->is_online &&
        checkpoint.is_outdated[static_cast<std::size_t>(directory->index)]) {
      co_await write_file(kind, *directory);
    }
  }
  is_writing_checkpoint_ = false;
  checkpoint_written_.notify_all();
}

runtime::task<log_manager::collected> log_manager::collect(const shard_logs& logs,
                                                           checkpoint_kind kind,
                                                           std::uint64_t hash) {
  collected found{.hash = hash, .lines = {}};
  found.lines = logs.collect(kind, found.hash);
  co_return found;
}

runtime::task<> log_manager::write_file(checkpoint_kind kind, managed_directory& directory) {
  auto& checkpoint = checkpoints_[static_cast<std::size_t>(kind)];
  const auto index = static_cast<std::size_t>(directory.index);
  offset_lines all;
  for (const auto& of_shard : checkpoint.lines) {
    all.append(of_shard[index]);
  }
  const std::string path =
      directory.directory.path() + '/' + std::string(file_names[static_cast<std::size_t>(kind)]);
  const auto written =
      co_await runtime::blocking([&] { return write_offsets(files(), path, all); });
  if (written) {
    checkpoint.is_outdated[index] = false;
    co_return;
  }
  barnabas::log(log_level::warn, "storage", "checkpoint could not be written",
                {field("path", path), field("error", written.error().message)});
  if (is_lost(written.error())) {
    co_await set_offline(directory.index, written.error());
  }
}

runtime::task<> log_manager::repeat_checkpoint(checkpoint_kind kind,
                                               std::chrono::milliseconds interval) {
  while (!tasks_.is_stopping()) {
    co_await tasks_.stopped().wait_until(runtime::shard::current().now() + interval);
    if (!tasks_.is_stopping()) {
      co_await write_checkpoint(kind);
    }
  }
}

}  // namespace barnabas::storage
