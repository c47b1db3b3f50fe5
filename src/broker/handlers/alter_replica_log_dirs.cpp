#include "broker/handlers/alter_replica_log_dirs.h"

#include <algorithm>
#include <map>

#include "runtime/shard.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::alter_replica_log_dirs_request;
using protocol::alter_replica_log_dirs_response;

// Where each partition is wanted; the last of several directories counts.
using wishes = std::map<topic_partition, std::string_view>;

wishes wishes_of(const alter_replica_log_dirs_request& message) {
  wishes all;
  for (const auto& directory : message.dirs) {
    for (const auto& topic : directory.topics) {
      for (const std::int32_t index : topic.partitions) {
        all[{std::string(topic.name), index}] = directory.path;
      }
    }
  }
  return all;
}

// Its place in log.dirs.
result<int> find_directory(const std::vector<storage::directory_status>& directories,
                           std::string_view path) {
  const auto at = std::ranges::find(directories, path, &storage::directory_status::path);
  if (at == directories.end()) {
    return fail(error_code::log_dir_not_found);
  }
  if (!at->is_online) {
    return fail(error_code::kafka_storage_error);
  }
  if (at->is_cordoned) {
    return fail(error_code::invalid_replica_assignment);
  }
  return static_cast<int>(at - directories.begin());
}

runtime::task<result<>> move(log_dir_services dirs, partition_services partitions,
                             topic_partition name, int directory) {
  const cluster::topic_ptr topic = partitions.images.current()->topics.find(name.topic);
  const cluster::partition* known = topic ? topic->find(name.partition) : nullptr;
  if (known == nullptr) {
    co_return fail(error_code::unknown_topic_or_partition);
  }
  if (!known->replicas.contains(partitions.broker_id)) {
    co_return fail(error_code::not_leader_or_follower);
  }
  co_return co_await runtime::on_shard(
      partitions.partitions.owner_of(name.topic, name.partition),
      [&logs = dirs.logs, &name, directory] { return logs.move_log(name, directory); });
}

}  // namespace

runtime::task<owned_response<alter_replica_log_dirs_response>> alter_replica_log_dirs(
    log_dir_services dirs, partition_services partitions, alter_replica_log_dirs_request message) {
  const auto keeps = std::make_shared<wishes>(wishes_of(message));
  const auto directories = co_await runtime::on_shard(
      dirs.world.shard_at(0), [&logs = dirs.logs] { return logs.status(); });
  alter_replica_log_dirs_response out;
  for (const auto& [name, path] : *keeps) {
    const result<int> directory = find_directory(directories, path);
    const result<> outcome = directory ? co_await move(dirs, partitions, name, *directory)
                                       : result<>(std::unexpected(directory.error()));
    if (out.results.empty() || out.results.back().topic_name != name.topic) {
      out.results.emplace_back().topic_name = name.topic;
    }
    auto& one = out.results.back().partitions.emplace_back();
    one.partition_index = name.partition;
    one.error_code = outcome ? error_code::none : outcome.error().code;
  }
  co_return owned_response<alter_replica_log_dirs_response>{std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
