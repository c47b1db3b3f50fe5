#include "cluster/detail/topic_nodes.h"

#include <fmt/format.h>

#include "runtime/shard.h"
#include "runtime/task_group.h"

namespace barnabas::cluster::detail {
namespace {

using metastore::operation;
using metastore::store_error;
using runtime::task;

// As Kafka does: brokers that were away for longer read everything anyway.
constexpr std::int64_t config_change_lifetime_ms = 15 * 60 * 1'000;

std::unexpected<error> failed(const metastore::failure& failure) {
  return std::unexpected(metastore::to_error(failure));
}
std::unexpected<error> unreadable(std::string_view path, std::string_view data) {
  return fail(error_code::unknown_server_error, fmt::format("{}: cannot be read: {}", path, data));
}

void add_partition(std::vector<operation>& all, const topic& topic, std::int32_t index) {
  all.emplace_back(metastore::create_operation{znodes::partition_path(topic.name, index), ""});
  all.emplace_back(metastore::create_operation{znodes::state_path(topic.name, index),
                                               znodes::write_state(topic.partitions[index])});
}

// Nothing where there is no such node; an error for any other reason.
task<result<std::vector<std::optional<metastore::node_value>>>> read_all(
    metastore::session& session, std::vector<std::string> paths) {
  std::vector<std::optional<metastore::node_value>> values(paths.size());
  auto found = co_await session.get_many(std::move(paths));
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i]) {
      values[i] = std::move(*found[i]);
    } else if (found[i].error().code != store_error::no_node) {
      co_return failed(found[i].error());
    }
  }
  co_return values;
}

task<result<std::vector<overrides>>> read_overrides(metastore::session& session,
                                                    std::string_view folder,
                                                    std::vector<std::string> names) {
  std::vector<std::string> paths;
  for (const std::string& name : names) {
    paths.push_back(znodes::path_in(folder, name));
  }
  const auto nodes = co_await read_all(session, paths);
  if (!nodes) {
    co_return std::unexpected(nodes.error());
  }
  std::vector<overrides> all;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    auto config = (*nodes)[i] ? znodes::read_config((*nodes)[i]->data) : overrides();
    if (!config) {
      co_return unreadable(paths[i], (*nodes)[i]->data);
    }
    all.push_back(std::move(*config));
  }
  co_return all;
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

task<result<>> add_removal_of_old_changes(metastore::session& session,
                                          std::vector<operation>& all) {
  const auto names = co_await session.children(std::string(znodes::config_changes_path));
  if (!names) {
    co_return failed(names.error());
  }
  std::vector<std::string> paths;
  for (const std::string& name : *names) {
    paths.push_back(znodes::path_in(znodes::config_changes_path, name));
  }
  const std::int64_t now_ms = runtime::shard::current().wall_clock_ms();
  const auto nodes = co_await session.get_many(paths);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] && nodes[i]->stat.created_ms < now_ms - config_change_lifetime_ms) {
      all.emplace_back(metastore::remove_operation{paths[i]});
    }
  }
  co_return {};
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

task<result<std::map<std::string, overrides, std::less<>>>> read_broker_configs(
    metastore::session& session) {
  const auto names = co_await session.children(std::string(znodes::broker_configs_path));
  if (!names) {
    co_return failed(names.error());
  }
  auto all = co_await read_overrides(session, znodes::broker_configs_path, *names);
  if (!all) {
    co_return std::unexpected(all.error());
  }
  std::map<std::string, overrides, std::less<>> configs;
  for (std::size_t i = 0; i < names->size(); ++i) {
    configs.emplace((*names)[i], std::move((*all)[i]));
  }
  co_return configs;
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

task<result<>> write_overrides(metastore::session& session, std::string entity, overrides config,
                               controller_term term) {
  std::vector<operation> all;
  if (auto put = co_await add_put(session, all, "/config/" + entity, znodes::write_config(config));
      !put) {
    co_return put;
  }
  co_return co_await write_config_change(session, std::move(all), std::move(entity), term);
}

task<result<>> write_config_change(metastore::session& session, std::vector<operation> all,
                                   std::string entity, controller_term term) {
  all.emplace_back(metastore::create_operation{
      znodes::path_in(znodes::config_changes_path, "config_change_"),
      znodes::write_config_change(entity), metastore::node_kind::persistent_sequential});
  if (auto old = co_await add_removal_of_old_changes(session, all); !old) {
    co_return old;
  }
  co_return co_await write_all(session, std::move(all), term);
}

}  // namespace barnabas::cluster::detail
