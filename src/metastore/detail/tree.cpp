#include "metastore/detail/tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"
#include "metastore/detail/path.h"

namespace barnabas::metastore::detail {

struct tree::node {
  node_value value;
  std::map<std::string, std::unique_ptr<node>, std::less<>> children;

  // How many children were ever made. The list's version counts creations and removals together.
  std::int64_t creations() const {
    return (value.stat.children_version + static_cast<std::int64_t>(children.size())) / 2;
  }
};

namespace {

std::unexpected<failure> refuse(store_error code, std::string_view path) {
  return std::unexpected(failure{code, fmt::format("{}: {}", path, store_error_name(code))});
}

bool is_sequential(node_kind kind) {
  return kind == node_kind::persistent_sequential || kind == node_kind::ephemeral_sequential;
}
bool is_ephemeral(node_kind kind) {
  return kind == node_kind::ephemeral || kind == node_kind::ephemeral_sequential;
}

}  // namespace

tree::tree() : root_(std::make_unique<node>()) {}
tree::~tree() = default;
tree::tree(tree&&) noexcept = default;

tree::node* tree::find(std::string_view path) const {
  if (!is_valid_path(path)) {
    return nullptr;
  }
  node* at = root_.get();
  path.remove_prefix(1);
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto child = at->children.find(path.substr(0, slash));
    if (child == at->children.end()) {
      return nullptr;
    }
    at = child->second.get();
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return at;
}

store_result<applied_change> tree::apply(const std::vector<operation>& all,
                                         const change_context& context) {
  applied_change done;
  ++zxid_;
  for (const operation& one : all) {
    auto outcome =
        std::visit([&](const auto& what) { return apply_one(what, context, done.nodes); }, one);
    if (!outcome) {
      undo(done.nodes);
      --zxid_;
      return std::unexpected(std::move(outcome.error()));
    }
    done.outcomes.push_back(std::move(*outcome));
  }
  return done;
}

tree::outcome tree::apply_one(const create_operation& what, const change_context& context,
                              std::vector<node_change>& changes) {
  // A sequential node may be asked for as "/folder/", its name being the number alone.
  if (!is_valid_path(is_sequential(what.kind) ? what.path + '0' : what.path) || what.path == "/") {
    return refuse(what.path == "/" ? store_error::node_exists : store_error::bad_arguments,
                  what.path);
  }
  const std::string_view parent_path = parent_of(what.path);
  node* parent = find(parent_path);
  if (!parent) {
    return refuse(store_error::no_node, parent_path);
  }
  if (parent->value.stat.ephemeral_owner != 0) {
    return refuse(store_error::no_children_for_ephemerals, what.path);
  }
  std::string path = what.path;
  if (is_sequential(what.kind)) {
    path += fmt::format("{:010}", parent->creations());
  }
  auto [place, is_new] = parent->children.try_emplace(std::string(name_of(path)));
  if (!is_new) {
    return refuse(store_error::node_exists, path);
  }
  place->second = std::make_unique<node>();
  node_value& value = place->second->value;
  value.data = what.data;
  value.stat = {.created_zxid = zxid_,
                .modified_zxid = zxid_,
                .children_modified_zxid = zxid_,
                .created_ms = context.now_ms,
                .modified_ms = context.now_ms,
                .ephemeral_owner = is_ephemeral(what.kind) ? context.session_id : 0};
  changes.push_back({path, std::nullopt, value});
  touch_children(parent_path, *parent, changes);
  return operation_outcome{std::move(path), value.stat};
}

tree::outcome tree::apply_one(const set_operation& what, const change_context& context,
                              std::vector<node_change>& changes) {
  node* found = find(what.path);
  if (!found) {
    return refuse(store_error::no_node, what.path);
  }
  node_value& value = found->value;
  if (what.version != any_version && what.version != value.stat.version) {
    return refuse(store_error::bad_version, what.path);
  }
  node_value before = value;
  value.data = what.data;
  ++value.stat.version;
  value.stat.modified_zxid = zxid_;
  value.stat.modified_ms = context.now_ms;
  changes.push_back({what.path, std::move(before), value});
  return operation_outcome{what.path, value.stat};
}

tree::outcome tree::apply_one(const remove_operation& what, const change_context& /*context*/,
                              std::vector<node_change>& changes) {
  node* found = what.path == "/" ? nullptr : find(what.path);
  if (!found) {
    return refuse(what.path == "/" ? store_error::bad_arguments : store_error::no_node, what.path);
  }
  if (what.version != any_version && what.version != found->value.stat.version) {
    return refuse(store_error::bad_version, what.path);
  }
  if (!found->children.empty()) {
    return refuse(store_error::not_empty, what.path);
  }
  const std::string_view parent_path = parent_of(what.path);
  node* parent = find(parent_path);
  changes.push_back({what.path, std::move(found->value), std::nullopt});
  parent->children.erase(parent->children.find(name_of(what.path)));
  touch_children(parent_path, *parent, changes);
  return operation_outcome{what.path, {}};
}

tree::outcome tree::apply_one(const check_operation& what, const change_context& /*context*/,
                              std::vector<node_change>& /*changes*/) {
  const node* found = find(what.path);
  if (!found) {
    return refuse(store_error::no_node, what.path);
  }
  if (what.version != any_version && what.version != found->value.stat.version) {
    return refuse(store_error::bad_version, what.path);
  }
  return operation_outcome{what.path, found->value.stat};
}

void tree::touch_children(std::string_view parent_path, node& parent,
                          std::vector<node_change>& changes) {
  node_value before = parent.value;
  ++parent.value.stat.children_version;
  parent.value.stat.children_modified_zxid = zxid_;
  changes.push_back({std::string(parent_path), std::move(before), parent.value});
}

void tree::undo(const std::vector<node_change>& changes) {
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    restore(change->path, change->before);
  }
}

void tree::restore(const std::string& path, const std::optional<node_value>& value) {
  if (path == "/") {
    root_->value = *value;
    return;
  }
  node* parent = find(parent_of(path));
  ensure(parent != nullptr, "a node is restored after its parent");
  if (!value) {
    parent->children.erase(std::string(name_of(path)));
    return;
  }
  auto& place = parent->children[std::string(name_of(path))];
  if (!place) {
    place = std::make_unique<node>();
  }
  place->value = *value;
}

bool tree::load(const std::string& path, node_value value) {
  if (!is_valid_path(path) || (path != "/" && !find(parent_of(path)))) {
    return false;
  }
  const node_stat& stat = value.stat;
  zxid_ = std::max({zxid_, stat.created_zxid, stat.modified_zxid, stat.children_modified_zxid});
  restore(path, std::move(value));
  return true;
}

store_result<node_value> tree::get(std::string_view path) const {
  const node* found = find(path);
  if (!found) {
    return refuse(store_error::no_node, path);
  }
  return found->value;
}

std::optional<node_stat> tree::exists(std::string_view path) const {
  const node* found = find(path);
  return found ? std::optional(found->value.stat) : std::nullopt;
}

store_result<std::vector<std::string>> tree::children(std::string_view path) const {
  const node* found = find(path);
  if (!found) {
    return refuse(store_error::no_node, path);
  }
  std::vector<std::string> names;
  names.reserve(found->children.size());
  for (const auto& [name, child] : found->children) {
    names.push_back(name);
  }
  return names;
}

std::vector<std::string> tree::ephemerals(std::int64_t session_id) const {
  std::vector<std::string> paths;
  std::vector<std::pair<std::string, const node*>> open = {{"", root_.get()}};
  while (!open.empty()) {
    const auto [path, at] = std::move(open.back());
    open.pop_back();
    const std::int64_t owner = at->value.stat.ephemeral_owner;
    if (owner != 0 && (session_id == 0 || owner == session_id)) {
      paths.push_back(path);
    }
    for (const auto& [name, child] : at->children) {
      open.emplace_back(path + '/' + name, child.get());
    }
  }
  return paths;
}

}  // namespace barnabas::metastore::detail
