#include "cluster/detail/config_nodes.h"

#include "base/log.h"
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

task<result<std::vector<operation>>> removal_of_old_changes(metastore::session& session) {
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
  std::vector<operation> all;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] && nodes[i]->stat.created_ms < now_ms - config_change_lifetime_ms) {
      all.emplace_back(metastore::remove_operation{paths[i]});
    }
  }
  co_return all;
}

std::string path_of(const overrides_to_write& change) {
  return "/config/" + change.entity;
}

// Unlike the others it is not in every cluster.
task<result<>> make_folder_of_groups(metastore::session& session,
                                     const std::vector<overrides_to_write>& changes,
                                     controller_term term) {
  const bool is_needed = std::ranges::any_of(
      changes, [](const overrides_to_write& one) { return one.entity.starts_with("groups/"); });
  if (!is_needed) {
    co_return {};
  }
  const std::string path(znodes::group_configs_path);
  const auto there = co_await session.exists(path);
  if (!there || *there) {
    co_return there ? result<>{} : failed(there.error());
  }
  std::vector<operation> all;
  all.emplace_back(metastore::create_operation{path, ""});
  co_return co_await write_all(session, std::move(all), term);
}

operation put(const overrides_to_write& change, bool is_there) {
  std::string data = znodes::write_config(change.config);
  return is_there ? operation(metastore::set_operation{path_of(change), std::move(data)})
                  : operation(metastore::create_operation{path_of(change), std::move(data)});
}

operation note_of(std::string_view entity) {
  return metastore::create_operation{znodes::path_in(znodes::config_changes_path, "config_change_"),
                                     znodes::write_config_change(entity),
                                     metastore::node_kind::persistent_sequential};
}

}  // namespace

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

task<result<named_overrides>> read_all_overrides(metastore::session& session,
                                                 std::string_view folder) {
  const auto names = co_await session.children(std::string(folder));
  if (!names && names.error().code == store_error::no_node) {
    co_return named_overrides();
  }
  if (!names) {
    co_return failed(names.error());
  }
  auto all = co_await read_overrides(session, folder, *names);
  if (!all) {
    co_return std::unexpected(all.error());
  }
  named_overrides configs;
  for (std::size_t i = 0; i < names->size(); ++i) {
    configs.emplace(znodes::desanitized((*names)[i]), std::move((*all)[i]));
  }
  co_return configs;
}

task<std::vector<result<>>> write_overrides(metastore::session& session,
                                            std::vector<overrides_to_write> changes,
                                            controller_term term) {
  std::vector<std::string> paths;
  for (const overrides_to_write& change : changes) {
    paths.push_back(path_of(change));
  }
  if (auto made = co_await make_folder_of_groups(session, changes, term); !made) {
    co_return std::vector<result<>>(changes.size(), made);
  }
  const auto nodes = co_await read_all(session, std::move(paths));
  auto old = co_await removal_of_old_changes(session);
  if (!nodes || !old) {
    co_return std::vector<result<>>(changes.size(),
                                    std::unexpected(nodes ? old.error() : nodes.error()));
  }
  std::vector<task<result<>>> writes;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    std::vector<operation> all;
    all.push_back(put(changes[i], (*nodes)[i].has_value()));
    all.push_back(note_of(changes[i].entity));
    writes.push_back(write_all(session, std::move(all), term));
  }
  auto outcomes = co_await runtime::when_all(std::move(writes));
  if (auto removed = co_await write_all(session, std::move(*old), term); !removed) {
    log(log_level::warn, "cluster", "notes of old changes of settings stay",
        {field("reason", removed.error().message)});
  }
  co_return outcomes;
}

task<result<>> write_config_change(metastore::session& session, std::vector<operation> all,
                                   std::string entity, controller_term term) {
  auto old = co_await removal_of_old_changes(session);
  if (!old) {
    co_return std::unexpected(old.error());
  }
  all.push_back(note_of(entity));
  std::ranges::move(*old, std::back_inserter(all));
  co_return co_await write_all(session, std::move(all), term);
}

}  // namespace barnabas::cluster::detail
