#include "cluster/detail/topic_nodes.h"

#include <fmt/format.h>

#include "cluster/detail/config_nodes.h"
#include "runtime/task_group.h"

namespace barnabas::cluster::detail {
namespace {

using metastore::operation;
using metastore::store_error;
using runtime::task;

std::unexpected<error> failed(const metastore::failure& failure) {
  return std::unexpected(metastore::to_error(failure));
}

void add_partition(std::vector<operation>& all, const topic& topic, std::int32_t index) {
  all.emplace_back(metastore::create_operation{znodes::partition_path(topic.name, index), ""});
  all.emplace_back(metastore::create_operation{znodes::state_path(topic.name, index),
                                               znodes::write_state(topic.partitions[index])});
}

// The topics' own nodes: replicas, but neither states nor settings.
task<result<std::vector<topic>>> read_topic_nodes(metastore::session& session,
                                                  std::vector<std::string> names) {
  std::vector<std::string> paths;
  for (const std::string& name : names) {
    paths.push_back(znodes::topic_path(name));
  }
  const auto nodes = co_await read_all(session, paths);
  if (!nodes) {
    co_return std::unexpected(nodes.error());
  }
  std::vector<topic> topics;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!(*nodes)[i]) {
      continue;  // removed since its name was read
    }
    auto one = znodes::read_topic(names[i], (*nodes)[i]->data);
    if (!one) {
      co_return unreadable(paths[i], (*nodes)[i]->data);
    }
    topics.push_back(std::move(*one));
  }
  co_return topics;
}

task<result<>> read_states(metastore::session& session, std::vector<topic>& into) {
  std::vector<std::string> paths;
  for (const topic& one : into) {
    for (std::size_t index = 0; index < one.partitions.size(); ++index) {
      paths.push_back(znodes::state_path(one.name, static_cast<std::int32_t>(index)));
    }
  }
  const auto states = co_await read_all(session, paths);
  if (!states) {
    co_return std::unexpected(states.error());
  }
  std::size_t next = 0;
  for (topic& one : into) {
    for (partition& partition : one.partitions) {
      const auto& state = (*states)[next++];
      if (state && !znodes::read_state(state->data, state->stat.version, partition)) {
        co_return unreadable(paths[next - 1], state->data);
      }
    }
  }
  co_return {};
}

std::vector<operation> creation_of(const topic& topic, bool has_config) {
  std::vector<operation> all;
  std::string config_path = znodes::path_in(znodes::topic_configs_path, topic.name);
  std::string config = znodes::write_config(topic.config);
  if (has_config) {
    all.emplace_back(metastore::set_operation{std::move(config_path), std::move(config)});
  } else {
    all.emplace_back(metastore::create_operation{std::move(config_path), std::move(config)});
  }
  all.emplace_back(
      metastore::create_operation{znodes::topic_path(topic.name), znodes::write_topic(topic)});
  all.emplace_back(metastore::create_operation{znodes::partitions_path(topic.name), ""});
  for (std::size_t index = 0; index < topic.partitions.size(); ++index) {
    add_partition(all, topic, static_cast<std::int32_t>(index));
  }
  return all;
}

// The paths of a node and all below it, the deepest first.
task<result<std::vector<std::string>>> paths_below(metastore::session& session, std::string top) {
  std::vector<std::string> paths = {std::move(top)};
  for (std::size_t next = 0; next < paths.size(); ++next) {
    const auto names = co_await session.children(paths[next]);
    if (!names && names.error().code == store_error::no_node && next == 0) {
      co_return std::vector<std::string>();
    }
    if (!names) {
      co_return failed(names.error());
    }
    for (const std::string& name : *names) {
      paths.push_back(znodes::path_in(paths[next], name));
    }
  }
  std::ranges::reverse(paths);
  co_return paths;
}

}  // namespace

task<result<>> add_put(metastore::session& session, std::vector<operation>& all, std::string path,
                       std::string data) {
  const auto there = co_await session.exists(path);
  if (!there) {
    co_return failed(there.error());
  }
  if (*there) {
    all.emplace_back(metastore::set_operation{std::move(path), std::move(data)});
  } else {
    all.emplace_back(metastore::create_operation{std::move(path), std::move(data)});
  }
  co_return {};
}

task<result<std::vector<topic>>> read_topics(metastore::session& session) {
  auto names = co_await session.children(std::string(znodes::topics_path));
  if (!names) {
    co_return failed(names.error());
  }
  auto topics = co_await read_topic_nodes(session, std::move(*names));
  if (!topics) {
    co_return topics;
  }
  if (auto states = co_await read_states(session, *topics); !states) {
    co_return std::unexpected(states.error());
  }
  std::vector<std::string> found;
  for (const topic& one : *topics) {
    found.push_back(one.name);
  }
  auto configs = co_await read_overrides(session, znodes::topic_configs_path, std::move(found));
  if (!configs) {
    co_return std::unexpected(configs.error());
  }
  for (std::size_t i = 0; i < topics->size(); ++i) {
    (*topics)[i].config = std::move((*configs)[i]);
  }
  co_return topics;
}

task<result<std::vector<std::string>>> read_deletions(metastore::session& session) {
  auto names = co_await session.children(std::string(znodes::deletions_path));
  if (!names) {
    co_return failed(names.error());
  }
  co_return std::move(*names);
}

task<std::vector<result<>>> write_new_topics(metastore::session& session,
                                             std::vector<topic_ptr> topics, controller_term term) {
  std::vector<std::string> paths;
  for (const topic_ptr& one : topics) {
    paths.push_back(znodes::path_in(znodes::topic_configs_path, one->name));
  }
  const auto configs = co_await read_all(session, std::move(paths));
  if (!configs) {
    co_return std::vector<result<>>(topics.size(), std::unexpected(configs.error()));
  }
  std::vector<task<result<>>> writes;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    writes.push_back(write_all(session, creation_of(*topics[i], (*configs)[i].has_value()), term));
  }
  co_return co_await runtime::when_all(std::move(writes));
}

task<result<>> write_more_partitions(metastore::session& session, topic_ptr topic,
                                     std::int32_t first_new, controller_term term) {
  std::vector<operation> all;
  all.emplace_back(
      metastore::set_operation{znodes::topic_path(topic->name), znodes::write_topic(*topic)});
  for (auto index = first_new; index < static_cast<std::int32_t>(topic->partitions.size());
       ++index) {
    add_partition(all, *topic, index);
  }
  co_return co_await write_all(session, std::move(all), term);
}

task<result<>> write_states(metastore::session& session, topic_ptr topic,
                            std::vector<std::int32_t> indexes, controller_term term) {
  std::vector<operation> all;
  const auto folder = co_await session.exists(znodes::partitions_path(topic->name));
  if (!folder) {
    co_return failed(folder.error());
  }
  if (!*folder) {
    all.emplace_back(metastore::create_operation{znodes::partitions_path(topic->name), ""});
  }
  for (const std::int32_t index : indexes) {
    const std::string path = znodes::state_path(topic->name, index);
    if (const auto parent = co_await session.exists(znodes::partition_path(topic->name, index));
        !parent || !*parent) {
      all.emplace_back(metastore::create_operation{znodes::partition_path(topic->name, index), ""});
    }
    if (auto put =
            co_await add_put(session, all, path, znodes::write_state(topic->partitions[index]));
        !put) {
      co_return put;
    }
  }
  co_return co_await write_all(session, std::move(all), term);
}

task<result<>> mark_for_deletion(metastore::session& session, std::string topic,
                                 controller_term term) {
  std::vector<operation> all;
  const std::string path = znodes::path_in(znodes::deletions_path, topic);
  const auto there = co_await session.exists(path);
  if (!there || *there) {
    co_return there ? result<>{} : failed(there.error());
  }
  all.emplace_back(metastore::create_operation{path, ""});
  co_return co_await write_all(session, std::move(all), term);
}

task<result<>> remove_topic(metastore::session& session, std::string topic, controller_term term) {
  std::vector<operation> all;
  for (std::string top :
       {znodes::topic_path(topic), znodes::path_in(znodes::topic_configs_path, topic),
        znodes::path_in(znodes::deletions_path, topic)}) {
    auto paths = co_await paths_below(session, std::move(top));
    if (!paths) {
      co_return std::unexpected(std::move(paths.error()));
    }
    for (std::string& path : *paths) {
      all.emplace_back(metastore::remove_operation{std::move(path)});
    }
  }
  co_return co_await write_all(session, std::move(all), term);
}

}  // namespace barnabas::cluster::detail
