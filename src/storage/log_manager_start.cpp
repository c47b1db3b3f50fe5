// The start of the log manager: claim and check the directories, find out what is in them, open
// every log on the file threads and hand it to its shard. Nothing is changed in a directory before
// all checks have passed.
#include <fmt/format.h>

#include <map>

#include "base/log.h"
#include "runtime/shard.h"
#include "storage/detail/managed_directory.h"
#include "storage/detail/open_job.h"
#include "storage/log_directory_name.h"
#include "storage/log_directory_rewrite.h"
#include "storage/log_manager.h"

namespace barnabas::storage {
namespace {

// Enough to make the hand-over to a file thread cheap, few enough that the threads end together.
constexpr std::size_t opened_at_once = 16;

std::int64_t offset_in(const offset_table& table, const topic_partition& partition,
                       std::int64_t otherwise = 0) {
  const auto at = table.find(partition);
  return at == table.end() ? otherwise : at->second;
}

}  // namespace

runtime::task<result<claimed_identity>> log_manager::claim() {
  for (auto& directory : directories_) {
    const auto claimed = co_await runtime::blocking([&] { return directory->directory.claim(); });
    if (!claimed && claimed.error().system_error == 0) {
      co_return std::unexpected(claimed.error());  // in use, or meta.properties is malformed
    }
    if (!claimed) {
      co_await set_offline(directory->index, claimed.error());
    }
  }
  if (auto online = some_online(); !online) {
    co_return std::unexpected(online.error());
  }
  co_return agreed_identity();
}

result<> log_manager::some_online() const {
  for (const auto& directory : directories_) {
    if (directory->is_online) {
      return {};
    }
  }
  return fail(error_code::kafka_storage_error,
              "no log directory can be used: " + directories_.front()->offline_reason);
}

result<claimed_identity> log_manager::agreed_identity() const {
  claimed_identity agreed;
  for (const auto& directory : directories_) {
    const auto& properties = directory->directory.properties();
    if (!properties) {
      continue;
    }
    const auto& path = directory->directory.path();
    if (agreed.cluster_id && properties->cluster_id &&
        agreed.cluster_id != properties->cluster_id) {
      return fail(
          error_code::kafka_storage_error,
          fmt::format("log directory {} belongs to cluster {}, but another one of log.dirs to {}",
                      path, *properties->cluster_id, *agreed.cluster_id));
    }
    if (agreed.broker_id && properties->broker_id && agreed.broker_id != properties->broker_id) {
      return fail(
          error_code::kafka_storage_error,
          fmt::format("log directory {} belongs to broker {}, but another one of log.dirs to {}",
                      path, *properties->broker_id, *agreed.broker_id));
    }
    agreed.cluster_id = agreed.cluster_id ? agreed.cluster_id : properties->cluster_id;
    agreed.broker_id = agreed.broker_id ? agreed.broker_id : properties->broker_id;
  }
  return agreed;
}

runtime::task<result<start_report>> log_manager::start(directory_identity ours,
                                                       const partition_registry& registry) {
  const auto begin = runtime::shard::current().now();
  if (auto scanned = co_await scan_directories(ours); !scanned) {
    co_return std::unexpected(scanned.error());
  }
  auto adopted = co_await check_known(registry);
  if (!adopted) {
    co_return std::unexpected(adopted.error());
  }
  co_await take_possession(ours);
  auto jobs = jobs_for(registry);
  co_await open_logs(jobs);
  if (auto online = some_online(); !online) {
    co_return std::unexpected(online.error());
  }
  const auto report = co_await hand_over(std::move(jobs), std::move(*adopted));
  co_await start_background();
  co_await resume_moves(registry);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      runtime::shard::current().now() - begin);
  barnabas::log(log_level::info, "storage", "opened log directories",
                {field("logs", report.logs), field("recovered_logs", report.recovered_logs),
                 field("offline_directories", report.offline_directories.size()),
                 field("took_ms", took.count())});
  co_return report;
}

// Reads only.
runtime::task<result<>> log_manager::scan_directories(const directory_identity& ours) {
  for (auto& directory : directories_) {
    if (!directory->is_online) {
      continue;
    }
    if (auto checked = directory->directory.check_identity(ours); !checked) {
      co_return checked;
    }
    auto content = co_await runtime::blocking([&] { return directory->directory.scan(); });
    if (content) {
      directory->content = std::move(*content);
    } else {
      co_await set_offline(directory->index, content.error());
    }
  }
  find_interrupted_moves();
  std::map<topic_partition, const managed_directory*> places;
  for (const auto& directory : directories_) {
    for (const auto& partition : directory->content.partitions) {
      const auto [at, is_new] = places.emplace(partition, directory.get());
      if (!is_new) {
        co_return fail(
            error_code::kafka_storage_error,
            fmt::format(
                "partition {} is in log directory {} and in {}: remove one of the two folders",
                partition.to_string(), at->second->directory.path(), directory->directory.path()));
      }
    }
  }
  co_return some_online();
}

// The topics to adopt; reads only.
runtime::task<result<std::vector<adopted_topic>>> log_manager::check_known(
    const partition_registry& registry) {
  std::vector<unknown_partition> unknown;
  for (const auto& directory : directories_) {
    for (const auto& partition : directory->content.partitions) {
      if (!registry.topic_id_of(partition)) {
        unknown.push_back({partition, directory->directory.path()});
      }
    }
  }
  if (!unknown.empty() && !options_.adopt) {
    co_return std::unexpected(refuse_unknown(unknown));
  }
  co_return co_await runtime::blocking([&] { return describe_unknown(files(), unknown); });
}

// From here on the directories change. The mark goes before anything is opened: a crash from now on
// means recovery.
runtime::task<> log_manager::take_possession(const directory_identity& ours) {
  auto& shard = runtime::shard::current();
  for (auto& directory : directories_) {
    if (!directory->is_online) {
      continue;
    }
    const auto high = shard.random();
    const auto id = uuid::from_random(high, shard.random());
    const auto taken = co_await runtime::blocking([&]() -> result<> {
      if (auto removed = directory->directory.remove_clean_mark(); !removed) {
        return removed;
      }
      for (const auto& [copy, folder] : directory->to_finish) {
        if (auto named = set_aside(files(), directory->directory.path(), copy, folder); !named) {
          return named;
        }
      }
      if (auto written =
              rewrite_after_failed_sync(files(), directory->directory.path(), directory->content);
          !written) {
        return written;
      }
      // A killed process may have made folders whose names the disk does not have yet.
      if (!directory->content.was_closed_cleanly) {
        if (auto named = files().sync_folder(directory->directory.path()); !named) {
          return named;
        }
      }
      return directory->directory.write_identity(ours, id);
    });
    if (!taken) {
      co_await set_offline(directory->index, taken.error());
    }
  }
}

std::vector<log_manager::open_job> log_manager::jobs_for(const partition_registry& registry) {
  auto& shard = runtime::shard::current();
  const auto now_ms = shard.wall_clock_ms();
  std::vector<open_job> jobs;
  for (const auto& directory : directories_) {
    const auto& content = directory->content;
    for (const auto& partition : content.partitions) {
      if (!directory->is_online) {
        continue;
      }
      const auto high = shard.random();
      open_job job{.partition = partition,
                   .directory = directory->index,
                   .shard = registry.shard_of(partition),
                   .directory_path = directory->directory.path(),
                   .high_watermark = offset_in(content.high_watermarks, partition),
                   .topic_id = registry.topic_id_of(partition).value_or(uuid()),
                   .stray_name = aside_folder_name(partition, folder_kind::stray,
                                                   uuid::from_random(high, jobs.size()))};
      job.options = {.config = registry.config_of(partition.topic),
                     .recovery_point = offset_in(content.recovery_points, partition),
                     .log_start_offset = offset_in(content.log_starts, partition),
                     .cleaned_offset = offset_in(content.cleaned, partition, -1),
                     .had_clean_shutdown = content.was_closed_cleanly,
                     .now_ms = now_ms,
                     .may_be_compacted = job.topic_id.is_zero()};
      jobs.push_back(std::move(job));
    }
  }
  return jobs;
}

// One of the workers that share the jobs.
runtime::task<int> log_manager::open_some(std::vector<open_job>& jobs, std::size_t& next) {
  while (next < jobs.size()) {
    const std::span chunk(jobs.data() + next, std::min(opened_at_once, jobs.size() - next));
    next += chunk.size();
    co_await runtime::blocking([this, chunk] {
      for (auto& job : chunk) {
        job.run(files());
      }
      return 0;
    });
  }
  co_return 0;
}

runtime::task<> log_manager::open_logs(std::vector<open_job>& jobs) {
  std::size_t next = 0;
  std::vector<runtime::task<int>> workers;
  for (int i = 0; i < options_.concurrent_opens; ++i) {
    workers.push_back(open_some(jobs, next));
  }
  co_await runtime::when_all(std::move(workers));
  for (auto& job : jobs) {
    if (job.failure) {
      co_await set_offline(job.directory, std::move(*job.failure));
    }
  }
}

runtime::task<> log_manager::take_over(shard_logs& logs, std::vector<open_job> jobs) {
  for (auto& job : jobs) {
    logs.add(std::move(job.partition), std::move(job.opened), job.directory, job.high_watermark);
  }
  co_return;
}

runtime::task<start_report> log_manager::hand_over(std::vector<open_job> jobs,
                                                   std::vector<adopted_topic> adopted) {
  start_report report;
  report.adopted = std::move(adopted);
  std::vector<std::vector<open_job>> by_shard(shards_.size());
  for (auto& directory : directories_) {
    directory->content.partitions.clear();
  }
  for (auto& job : jobs) {
    managed_directory& directory = *directories_[static_cast<std::size_t>(job.directory)];
    if (!job.opened || !directory.is_online) {
      continue;
    }
    ++report.logs;
    ++directory.partitions;
    directory.content.partitions.push_back(job.partition);
    report.recovered_logs += directory.content.was_closed_cleanly ? 0 : 1;
    by_shard[static_cast<std::size_t>(job.shard)].push_back(std::move(job));
  }
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    co_await runtime::on_shard(world_.shard_at(static_cast<int>(i)),
                               [&, i] { return take_over(*shards_[i], std::move(by_shard[i])); });
  }
  for (const auto& directory : directories_) {
    if (!directory->is_online) {
      report.offline_directories.push_back(directory->directory.path());
    }
  }
  co_return report;
}

runtime::task<> log_manager::start_shard(shard_logs& logs) {
  logs.start();
  co_return;
}

runtime::task<> log_manager::start_background() {
  auto& shard = runtime::shard::current();
  const bool some_offline = !std::ranges::all_of(directories_, &managed_directory::is_online);
  for (auto& directory : directories_) {
    directory_content content = std::exchange(directory->content, {});
    for (const auto* table : {&content.recovery_points, &content.high_watermarks,
                              &content.log_starts, &content.cleaned}) {
      for (const auto& [partition, offset] : *table) {
        directory->stale.insert(partition);
      }
    }
    for (const auto& partition : content.partitions) {
      directory->stale.erase(partition);
    }
    // What cannot be read may hold the copy of a log that such a folder is the rest of.
    for (const auto& folder : some_offline ? std::vector<std::string>() : content.deleted_folders) {
      here().deletions_.add_folder(directory->directory.path() + '/' + folder, shard.now());
    }
  }
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    co_await runtime::on_shard(world_.shard_at(static_cast<int>(i)),
                               [&, i] { return start_shard(*shards_[i]); });
  }
  is_started_ = true;
  cleaner_.start();
  tasks_.spawn(repeat_checkpoint(checkpoint_kind::recovery_point,
                                 options_.recovery_point_checkpoint_interval));
  tasks_.spawn(repeat_checkpoint(checkpoint_kind::high_watermark,
                                 options_.high_watermark_checkpoint_interval));
  tasks_.spawn(
      repeat_checkpoint(checkpoint_kind::log_start, options_.log_start_checkpoint_interval));
}

}  // namespace barnabas::storage
