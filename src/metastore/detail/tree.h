// The tree of a store in memory, with ZooKeeper's rules for versions and numbers. No waiting, no
// sessions' state, no durability: a change is applied at once and recorded, so that it can be
// written to disk or taken back.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metastore/store.h"

namespace barnabas::metastore::detail {

// One node's content before and after; nothing where it was not there.
struct node_change {
  std::string path;
  std::optional<node_value> before;
  std::optional<node_value> after;
};

// Who changes the tree, and when.
struct change_context {
  std::int64_t session_id = 0;
  std::int64_t now_ms = 0;
};

struct applied_change {
  std::vector<operation_outcome> outcomes;  // one an operation
  std::vector<node_change> nodes;  // in the order they happened; a node may occur more than once
};

class tree {
 public:
  tree();
  ~tree();
  tree(tree&&) noexcept;

  // All operations, as one change with one zxid, or none of them.
  store_result<applied_change> apply(const std::vector<operation>& all,
                                     const change_context& context);
  // Takes changes back, the newest first.
  void undo(const std::vector<node_change>& changes);
  // Puts a node as it was saved. False when its parent has not been put before.
  bool load(const std::string& path, node_value value);

  store_result<node_value> get(std::string_view path) const;
  std::optional<node_stat> exists(std::string_view path) const;
  store_result<std::vector<std::string>> children(std::string_view path) const;
  // Paths of the ephemeral nodes of one session, or with 0 of all.
  std::vector<std::string> ephemerals(std::int64_t session_id) const;

 private:
  struct node;
  using outcome = store_result<operation_outcome>;

  node* find(std::string_view path) const;
  outcome apply_one(const create_operation& what, const change_context& context,
                    std::vector<node_change>& changes);
  outcome apply_one(const set_operation& what, const change_context& context,
                    std::vector<node_change>& changes);
  outcome apply_one(const remove_operation& what, const change_context& context,
                    std::vector<node_change>& changes);
  outcome apply_one(const check_operation& what, const change_context& context,
                    std::vector<node_change>& changes);
  void restore(const std::string& path, const std::optional<node_value>& value);
  void touch_children(std::string_view parent_path, node& parent,
                      std::vector<node_change>& changes);

  std::unique_ptr<node> root_;
  std::int64_t zxid_ = 0;  // of the newest change
};

}  // namespace barnabas::metastore::detail
