#include "storage/log_manager.h"

#include <fmt/format.h>

#include "base/ensure.h"
#include "base/log.h"
#include "runtime/shard.h"
#include "storage/detail/managed_directory.h"
#include "storage/log_directory_name.h"

namespace barnabas::storage {
namespace {

uuid random_id() {
  auto& shard = runtime::shard::current();
  const auto high = shard.random();
  return uuid::from_random(high, shard.random());
}

// On a file thread. Of a log that could not be made: else the next start would find it beside the
// one that was then made in another directory. Why it could not be made, or worse.
error remove_unmade(runtime::file_system& files, const std::string& directory,
                    const std::string& folder, error reason) {
  auto removed = files.remove_folder(folder);
  removed = removed ? files.sync_folder(directory) : std::move(removed);
  return removed ? std::move(reason) : std::move(removed.error());
}

// On a file thread. What lies at that place already belongs to no log, so it is kept beside it.
result<std::unique_ptr<log>> replace_folder(runtime::file_system& files,
                                            const std::string& directory, const std::string& folder,
                                            const std::string& stray_folder, const uuid& topic_id,
                                            const log_open_options& options) {
  if (files.exists(folder)) {
    barnabas::log(log_level::warn, "storage", "folder in the place of a new log is set aside",
                  {field("folder", folder), field("now", stray_folder)});
    if (auto moved = set_aside(files, directory, folder, stray_folder); !moved) {
      return std::unexpected(moved.error());
    }
  }
  auto made = fill_folder(files, folder, topic_id, options);
  if (!made) {
    return std::unexpected(remove_unmade(files, directory, folder, std::move(made.error())));
  }
  return made;
}

}  // namespace

log_manager::log_manager(runtime::world& world, log_manager_options options)
    : world_(world), options_(std::move(options)), cleaner_(*this, options_.cleaner) {
  ensure(!options_.directories.empty(), "a broker has at least one log directory");
  for (auto& path : options_.directories) {
    path = files().absolute(path);
    const int index = static_cast<int>(directories_.size());
    directories_.push_back(std::make_unique<managed_directory>(files(), path, index));
  }
  for (int i = 0; i < world_.shard_count(); ++i) {
    shards_.push_back(std::make_unique<shard_logs>(
        files(), options_,
        [this, i](int directory, const error& reason) { report_offline(i, directory, reason); }));
  }
  for (auto& checkpoint : checkpoints_) {
    checkpoint.hashes.resize(shards_.size());
    checkpoint.lines.resize(shards_.size(), std::vector<offset_lines>(directories_.size()));
    checkpoint.is_outdated.resize(directories_.size(), true);
  }
}

log_manager::~log_manager() = default;

runtime::task<result<managed_log*>> log_manager::create_log(
    topic_partition partition, uuid topic_id, std::shared_ptr<const log_config> config) {
  shard_logs& owner = here();
  if (owner.find(partition) != nullptr || !owner.being_made_.insert(partition).second) {
    co_return fail(error_code::kafka_storage_error,
                   "there is a log of " + partition.to_string() + " already");
  }
  auto made = co_await make_log(partition, topic_id, std::move(config));
  owner.being_made_.erase(partition);
  if (!made) {
    co_return fail(std::move(made.error()), "creating the log of " + partition.to_string() + ": ");
  }
  co_return *made;
}

runtime::task<result<managed_log*>> log_manager::make_log(
    const topic_partition& partition, uuid topic_id, std::shared_ptr<const log_config> config) {
  auto& shard = runtime::shard::current();
  shard_logs& owner = here();
  const auto reserved = co_await runtime::on_shard(home(), [&] { return reserve(partition); });
  if (!reserved) {
    co_return std::unexpected(reserved.error());
  }
  const log_open_options options{.config = std::move(config), .now_ms = shard.wall_clock_ms()};
  const std::string folder = reserved->path + '/' + partition.to_string();
  const std::string stray_folder =
      reserved->path + '/' + aside_folder_name(partition, folder_kind::stray, random_id());
  auto made = co_await runtime::blocking([&] {
    return replace_folder(files(), reserved->path, folder, stray_folder, topic_id, options);
  });
  result<> durable;
  if (made) {
    durable = co_await runtime::on_shard(home(), [&] {
      return directories_[static_cast<std::size_t>(reserved->directory)]->creations.sync(folder);
    });
    if (!durable) {
      made->reset();
      durable = std::unexpected(co_await runtime::blocking([&] {
        return remove_unmade(files(), reserved->path, folder, std::move(durable.error()));
      }));
    }
  } else {
    durable = std::unexpected(std::move(made.error()));
  }
  if (!durable) {
    if (is_lost(durable.error())) {
      report_offline(shard.index(), reserved->directory, durable.error());
    }
    co_await runtime::on_shard(home(),
                               [&] { return give_back(reserved->directory, partition, false); });
    co_return std::unexpected(std::move(durable.error()));
  }
  owner.add(partition, std::move(*made), reserved->directory, 0);
  co_return owner.find(partition);
}

runtime::task<result<>> log_manager::delete_log(topic_partition partition) {
  auto& shard = runtime::shard::current();
  shard_logs& owner = here();
  co_await end_move(partition);
  managed_log* log = owner.find(partition);
  if (log == nullptr || log->is_released_) {
    co_return fail(error_code::unknown_topic_or_partition,
                   "there is no log of " + partition.to_string());
  }
  co_await owner.flusher().release(*log);
  co_await owner.hold_compaction(*log);
  const int index = log->directory;
  const std::string folder = log->log->folder();
  const std::string& directory = options_.directories[static_cast<std::size_t>(index)];
  const std::string aside =
      directory + '/' + aside_folder_name(partition, folder_kind::deleted, random_id());
  auto renamed =
      co_await runtime::blocking([&] { return set_aside(files(), directory, folder, aside); });
  if (!renamed) {
    owner.flusher().take_back(*log);
    shard_logs::allow_compaction(*log);
    if (is_lost(renamed.error())) {
      report_offline(shard.index(), index, renamed.error());
    }
    co_return fail(std::move(renamed.error()),
                   "deleting the log of " + partition.to_string() + ": ");
  }
  const auto due = shard.now() + std::chrono::milliseconds(log->log->config().file_delete_delay_ms);
  owner.logs_.erase(partition);
  owner.deletions_.add_folder(aside, due);
  co_await runtime::on_shard(home(), [&] { return give_back(index, partition, true); });
  barnabas::log(log_level::info, "storage", "deleted log",
                {field("partition", partition.to_string())});
  co_return result<>();
}

runtime::task<> log_manager::stop(std::int64_t broker_epoch) {
  tasks_.stop();
  co_await cleaner_.stop();
  co_await tasks_.join();
  std::vector<runtime::task<std::vector<bool>>> closing;
  for (int i = 0; i < world_.shard_count(); ++i) {
    shard_logs& logs = on(i);
    closing.push_back(runtime::on_shard(world_.shard_at(i), [&logs] { return logs.close_all(); }));
  }
  const auto failed = co_await runtime::when_all(std::move(closing));
  co_await write_checkpoints();
  for (auto& directory : directories_) {
    co_await directory->creations.stop();
    const auto index = static_cast<std::size_t>(directory->index);
    const bool is_closed =
        std::ranges::none_of(failed, [index](const auto& of_shard) { return of_shard[index]; });
    if (directory->is_online &&
        !(is_closed && co_await close_directory(*directory, broker_epoch))) {
      co_await mark_failure(*directory);
    }
    directory->directory.release();
  }
}

// A mark only where the checkpoints are written, too: without them the next start would take old
// ends for the present.
runtime::task<bool> log_manager::close_directory(managed_directory& directory,
                                                 std::int64_t broker_epoch) {
  for (const auto& checkpoint : checkpoints_) {
    if (checkpoint.is_outdated[static_cast<std::size_t>(directory.index)]) {
      co_return false;
    }
  }
  const auto marked = co_await runtime::blocking([&]() -> result<> {
    // Indexes and snapshots, too: nobody looks at them again before they are used.
    if (auto synced = files().sync_file_system(directory.directory.path()); !synced) {
      return synced;
    }
    return directory.directory.write_clean_mark(broker_epoch);
  });
  if (!marked) {
    barnabas::log(log_level::warn, "storage",
                  "log directory could not be marked as closed; its logs will be recovered",
                  {field("error", marked.error().message)});
  }
  co_return marked.has_value();
}

runtime::task<std::vector<directory_status>> log_manager::status() {
  std::vector<directory_status> all;
  for (const auto& directory : directories_) {
    directory_status one{.path = directory->directory.path(),
                         .is_online = directory->is_online,
                         .offline_reason = directory->offline_reason,
                         .partitions = directory->partitions,
                         .is_cordoned = directory->is_cordoned};
    if (one.is_online) {
      one.space = (co_await runtime::blocking([&] {
                    return files().space_of(one.path);
                  })).value_or(one.space);
    }
    all.push_back(std::move(one));
  }
  co_return all;
}

}  // namespace barnabas::storage
