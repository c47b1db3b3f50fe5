#include "broker/partition_directory.h"

#include <algorithm>
#include <set>

#include "base/log.h"
#include "runtime/task_group.h"

namespace barnabas::broker {
namespace {

// Logs made at the same time on one shard: each waits for the disk a few times.
constexpr std::size_t concurrent_opens = 16;

// FNV-1a: the owner of a partition must not depend on the standard library.
std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  }
  return hash;
}

replica::leadership leadership_of(const cluster::partition& decided) {
  return {decided.leader,
          decided.leader_epoch,
          decided.partition_epoch,
          {decided.isr.begin(), decided.isr.end()}};
}

}  // namespace

partition_directory::partition_directory(runtime::world& world, storage::log_manager& logs,
                                         std::int32_t broker_id, settings_source settings)
    : world_(world), logs_(logs), broker_id_(broker_id), settings_(std::move(settings)) {
  for (int i = 0; i < world.shard_count(); ++i) {
    tables_.push_back(std::make_unique<table>());
  }
}

partition_directory::~partition_directory() = default;

int partition_directory::shard_of(std::string_view topic, std::int32_t index) const {
  return static_cast<int>((hash_of(topic) + static_cast<std::uint32_t>(index)) %
                          static_cast<std::uint32_t>(tables_.size()));
}

runtime::shard& partition_directory::owner_of(std::string_view topic, std::int32_t index) const {
  return world_.shard_at(shard_of(topic, index));
}

const partition_ptr& partition_directory::find(const uuid& topic_id, std::int32_t index) const {
  static const partition_ptr none;
  const auto& topics = here().topics;
  const auto found = topics.find(topic_id);
  if (found == topics.end() || index < 0 ||
      static_cast<std::size_t>(index) >= found->second.partitions.size()) {
    return none;
  }
  return found->second.partitions[static_cast<std::size_t>(index)];
}

std::shared_ptr<const topic_settings> partition_directory::settings_of(const uuid& topic_id) const {
  const auto& topics = here().topics;
  const auto found = topics.find(topic_id);
  return found == topics.end() ? nullptr : found->second.settings;
}

runtime::task<std::vector<result<>>> partition_directory::open_partitions(
    std::vector<cluster::partition_to_open> partitions) {
  std::set<cluster::topic_ptr> known;
  std::vector<cluster::topic_ptr> topics;
  std::vector<work> by_shard(tables_.size());
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const int owner = shard_of(partitions[i].topic->name, partitions[i].index);
    if (known.insert(partitions[i].topic).second) {
      topics.push_back(partitions[i].topic);
    }
    by_shard[static_cast<std::size_t>(owner)].emplace_back(i, std::move(partitions[i]));
  }
  co_await install_settings(std::move(topics));
  std::vector<result<>> answers(partitions.size());
  std::vector<std::vector<std::size_t>> places(tables_.size());
  std::vector<runtime::task<std::vector<result<>>>> running;
  for (std::size_t shard = 0; shard < by_shard.size(); ++shard) {
    for (const auto& [place, partition] : by_shard[shard]) {
      places[shard].push_back(place);
    }
    running.push_back(
        runtime::on_shard(world_.shard_at(static_cast<int>(shard)),
                          [this, its = std::move(by_shard[shard])] { return open_here(its); }));
  }
  auto outcomes = co_await runtime::when_all(std::move(running));
  for (std::size_t shard = 0; shard < outcomes.size(); ++shard) {
    for (std::size_t i = 0; i < outcomes[shard].size(); ++i) {
      answers[places[shard][i]] = std::move(outcomes[shard][i]);
    }
  }
  co_return answers;
}

runtime::task<std::vector<result<>>> partition_directory::open_here(work partitions) {
  std::vector<result<>> answers;
  for (std::size_t at = 0; at < partitions.size();) {
    std::vector<runtime::task<result<>>> together;
    for (; at < partitions.size() && together.size() < concurrent_opens; ++at) {
      together.push_back(open_one(std::move(partitions[at].second)));
    }
    for (auto& answer : co_await runtime::when_all(std::move(together))) {
      answers.push_back(std::move(answer));
    }
  }
  co_return answers;
}

runtime::task<result<>> partition_directory::open_one(cluster::partition_to_open partition) {
  const cluster::topic& topic = *partition.topic;
  const auto index = static_cast<std::size_t>(partition.index);
  partition_ptr open = find(topic.id, partition.index);
  if (!open) {
    auto log = co_await log_of(partition);
    if (!log) {
      co_return fail(std::move(log.error()));
    }
    open = std::make_shared<replica::partition>(topic_partition{topic.name, partition.index},
                                                broker_id_, **log, logs_.here());
    auto& slots = here().topics[topic.id].partitions;
    slots.resize(std::max(slots.size(), index + 1));
    slots[index] = open;
  }
  open->apply(leadership_of(topic.partitions[index]));
  if (observer_ != nullptr) {
    observer_->opened(topic.id, open);
  }
  co_return result<>{};
}

runtime::task<result<storage::managed_log*>> partition_directory::log_of(
    cluster::partition_to_open partition) {
  topic_partition name{partition.topic->name, partition.index};
  if (!partition.is_new) {
    if (storage::managed_log* log = logs_.here().find(name)) {
      co_return log;
    }
    if (logs_.here().flusher().has_offline_directory()) {
      co_return fail(error_code::kafka_storage_error,
                     name.to_string() + " may be in a log directory that is offline");
    }
  }
  const auto settings = settings_of(partition.topic->id);
  co_return co_await logs_.create_log(std::move(name), partition.topic->id, settings->log);
}

// One way to each shard, however many topics there are.
runtime::task<> partition_directory::install_settings(std::vector<cluster::topic_ptr> topics) {
  topic_list list;
  for (cluster::topic_ptr& topic : topics) {
    auto settings = settings_(*topic);
    list.emplace_back(std::move(topic), std::move(settings));
  }
  for (int shard = 0; shard < world_.shard_count(); ++shard) {
    co_await runtime::on_shard(world_.shard_at(shard),
                               [this, &list] { return install_settings_here(list); });
  }
}

runtime::task<> partition_directory::install_settings_here(const topic_list& list) {
  for (const auto& [topic, settings] : list) {
    hosted_topic& hosted = here().topics[topic->id];
    hosted.topic = topic;
    hosted.settings = settings;
    for (const partition_ptr& partition : hosted.partitions) {
      if (partition && partition->log() != nullptr) {
        partition->log()->log->set_config(settings->log);
      }
    }
  }
  co_return;
}

runtime::task<> partition_directory::install_all_settings() {
  std::vector<cluster::topic_ptr> topics;
  for (const auto& [id, hosted] : here().topics) {
    topics.push_back(hosted.topic);
  }
  return install_settings(std::move(topics));
}

runtime::task<bool> partition_directory::delete_topic(cluster::topic_ptr topic) {
  bool is_gone = true;
  for (int shard = 0; shard < world_.shard_count(); ++shard) {
    is_gone &= co_await runtime::on_shard(world_.shard_at(shard),
                                          [this, topic] { return delete_here(topic); });
  }
  co_return is_gone;
}

// `partitions` belongs to the caller's frame.
runtime::task<> partition_directory::close(const std::vector<partition_ptr>& partitions) {
  for (const partition_ptr& partition : partitions) {
    if (partition) {
      partition->close();
    }
  }
  for (const partition_ptr& partition : partitions) {
    if (partition && observer_ != nullptr) {
      co_await observer_->closed(partition->name());
    }
  }
}

runtime::task<bool> partition_directory::delete_here(cluster::topic_ptr topic) {
  std::vector<partition_ptr> partitions;
  if (const auto found = here().topics.find(topic->id); found != here().topics.end()) {
    partitions = std::move(found->second.partitions);
    here().topics.erase(found);
  }
  co_await close(partitions);
  bool is_gone = true;
  // By their names: at a start that finishes a deletion no partition is open yet.
  for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
    const topic_partition name{topic->name, static_cast<std::int32_t>(i)};
    if (shard_of(name.topic, name.partition) != runtime::shard::current().index()) {
      continue;
    }
    if (logs_.here().find(name) == nullptr) {
      is_gone &= !logs_.here().flusher().has_offline_directory();
    } else if (auto deleted = co_await logs_.delete_log(name); !deleted) {
      is_gone = false;
      log(log_level::warn, "broker", "the log of a deleted topic could not be removed",
          {field("partition", name.to_string()), field("reason", deleted.error().message)});
    }
  }
  co_return is_gone;
}

runtime::task<> partition_directory::close_all() {
  for (int shard = 0; shard < world_.shard_count(); ++shard) {
    co_await runtime::on_shard(world_.shard_at(shard), [this] { return close_here(); });
  }
}

runtime::task<> partition_directory::close_here() {
  std::vector<partition_ptr> partitions;
  for (auto& [id, hosted] : here().topics) {
    std::ranges::move(hosted.partitions, std::back_inserter(partitions));
  }
  here().topics.clear();
  co_await close(partitions);
}

}  // namespace barnabas::broker
