#include "cluster/detail/quota_nodes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cluster/detail/config_nodes.h"
#include "cluster/detail/quota_plans.h"
#include "cluster/detail/topic_nodes.h"
#include "cluster/detail/znodes.h"

namespace barnabas::cluster::detail {
namespace {

using metastore::operation;
using metastore::store_error;
using runtime::task;

constexpr std::string_view default_node = "<default>";
constexpr std::string_view clients_folder = "clients";

std::unexpected<error> failed(const metastore::failure& failure) {
  return std::unexpected(metastore::to_error(failure));
}

std::string node_name(const std::string& entity) {
  return entity.empty() ? std::string(default_node) : znodes::sanitized(entity);
}
std::string entity_name(std::string_view node) {
  return node == default_node ? std::string() : znodes::desanitized(node);
}

std::string node_path(const quota_entity& entity) {
  return "/config/" + quota_path(entity);
}
std::string user_path(const std::string& user) {
  return znodes::path_in(znodes::user_configs_path, node_name(user));
}

// Empty where there is no such folder.
task<result<std::vector<std::string>>> names_in(metastore::session& session, std::string folder) {
  auto names = co_await session.children(std::move(folder));
  if (!names && names.error().code != store_error::no_node) {
    co_return failed(names.error());
  }
  co_return names ? std::move(*names) : std::vector<std::string>();
}

// All entities that have a node, and users that only have clients.
task<result<std::vector<quota_entity>>> read_entities(metastore::session& session) {
  std::vector<quota_entity> all;
  const auto users = co_await names_in(session, std::string(znodes::user_configs_path));
  const auto clients = co_await names_in(session, std::string(znodes::client_configs_path));
  const auto ips = co_await names_in(session, std::string(znodes::ip_configs_path));
  if (!users || !clients || !ips) {
    co_return std::unexpected(!users ? users.error() : !clients ? clients.error() : ips.error());
  }
  for (const std::string& name : *users) {
    const std::string user = entity_name(name);
    all.push_back({.user = user});
    const auto theirs =
        co_await names_in(session, znodes::path_in(user_path(user), clients_folder));
    if (!theirs) {
      co_return std::unexpected(theirs.error());
    }
    for (const std::string& client : *theirs) {
      all.push_back({.user = user, .client_id = entity_name(client)});
    }
  }
  for (const std::string& name : *clients) {
    all.push_back({.client_id = entity_name(name)});
  }
  for (const std::string& name : *ips) {
    all.push_back({.ip = entity_name(name)});
  }
  co_return all;
}

// A node above others may have nothing in it; Kafka writes "null".
std::optional<overrides> read_node(const std::string& data) {
  return data.empty() ? overrides() : znodes::read_config(data);
}

bool has_nothing(const metastore::store_result<metastore::node_value>& node) {
  const auto config = node ? read_node(node->data) : std::nullopt;
  return config && config->empty();
}

// Removes the empty node and what it leaves empty above it; a node with others below stays, empty.
task<result<>> add_removal(metastore::session& session, std::vector<operation>& all,
                           const quota_entity entity) {
  const std::string path = node_path(entity);
  const auto below = co_await session.children(path);
  if (!below && below.error().code != store_error::no_node) {
    co_return failed(below.error());
  }
  if (!below) {
    co_return {};
  }
  if (!below->empty()) {
    all.emplace_back(metastore::set_operation{path, znodes::write_config({})});
    co_return {};
  }
  all.emplace_back(metastore::remove_operation{path});
  if (!entity.user || !entity.client_id) {
    co_return {};
  }
  const std::string above = user_path(*entity.user);
  const std::string folder = znodes::path_in(above, clients_folder);
  const auto siblings = co_await names_in(session, folder);
  const auto folders = co_await names_in(session, above);
  if (!siblings || !folders) {
    co_return std::unexpected(!siblings ? siblings.error() : folders.error());
  }
  if (siblings->size() == 1) {
    all.emplace_back(metastore::remove_operation{folder});
    if (folders->size() == 1 && has_nothing(co_await session.get(above))) {
      all.emplace_back(metastore::remove_operation{above});
    }
  }
  co_return {};
}

// The nodes above that of a user's client.
task<result<>> add_missing_above(metastore::session& session, std::vector<operation>& all,
                                 const quota_entity entity) {
  if (!entity.user || !entity.client_id) {
    co_return {};
  }
  const std::string above = user_path(*entity.user);
  for (std::string path : {above, znodes::path_in(above, clients_folder)}) {
    const auto there = co_await session.exists(path);
    if (!there) {
      co_return failed(there.error());
    }
    if (!*there) {
      all.emplace_back(metastore::create_operation{std::move(path), ""});
    }
  }
  co_return {};
}

}  // namespace

std::string quota_path(const quota_entity& entity) {
  if (entity.ip) {
    return "ips/" + node_name(*entity.ip);
  }
  const std::string client = entity.client_id ? "clients/" + node_name(*entity.client_id) : "";
  if (!entity.user) {
    return client;
  }
  return "users/" + node_name(*entity.user) + (client.empty() ? "" : '/' + client);
}

task<result<client_quotas>> read_quotas(metastore::session& session) {
  const auto entities = co_await read_entities(session);
  if (!entities) {
    co_return std::unexpected(entities.error());
  }
  client_quotas quotas;
  for (const quota_entity& entity : *entities) {
    const auto node = co_await read_quota_node(session, entity);
    if (!node) {
      co_return std::unexpected(node.error());
    }
    std::string bad_key;
    const quota_values values = quota_values_of(*node, bad_key);
    if (!bad_key.empty()) {
      log(log_level::warn, "cluster", "a quota is not a number and means nothing",
          {field("entity", quota_path(entity)), field("quota", bad_key),
           field("value", node->at(bad_key))});
    }
    if (std::ranges::any_of(values, [](const auto& value) { return value.has_value(); })) {
      quotas.emplace(entity, values);
    }
  }
  co_return quotas;
}

task<result<overrides>> read_quota_node(metastore::session& session, quota_entity entity) {
  const std::string path = node_path(entity);
  const auto found = co_await session.get(path);
  if (!found) {
    co_return found.error().code == store_error::no_node ? result<overrides>()
                                                         : failed(found.error());
  }
  auto node = read_node(found->data);
  if (!node) {
    co_return fail(error_code::unknown_server_error,
                   fmt::format("{}: cannot be read: {}", path, found->data));
  }
  co_return std::move(*node);
}

task<result<named_overrides>> read_user_nodes(metastore::session& session) {
  const auto nodes = co_await names_in(session, std::string(znodes::user_configs_path));
  if (!nodes) {
    co_return std::unexpected(nodes.error());
  }
  named_overrides users;
  for (const std::string& node : *nodes) {
    const std::string user = entity_name(node);
    auto content = co_await read_quota_node(session, {.user = user});
    if (!content) {
      co_return std::unexpected(std::move(content.error()));
    }
    if (!user.empty()) {
      users[user] = std::move(*content);
    }
  }
  co_return users;
}

task<result<>> write_quota_node(metastore::session& session, quota_entity entity, overrides node,
                                controller_term term) {
  std::vector<operation> all;
  const auto prepared = node.empty() ? co_await add_removal(session, all, entity)
                                     : co_await add_missing_above(session, all, entity);
  if (!prepared) {
    co_return prepared;
  }
  if (!node.empty()) {
    if (auto put = co_await add_put(session, all, node_path(entity), znodes::write_config(node));
        !put) {
      co_return put;
    }
  }
  co_return co_await write_config_change(session, std::move(all), quota_path(entity), term);
}

}  // namespace barnabas::cluster::detail
