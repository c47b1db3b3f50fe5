// Settings in the store: reading all of a kind, and writing changes. The session outlives the
// tasks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/detail/cluster_nodes.h"
#include "cluster/image.h"
#include "metastore/store.h"
#include "runtime/task.h"

namespace barnabas::cluster::detail {

// Of the nodes of these names in the folder, in order; none where there is no such node.
runtime::task<result<std::vector<overrides>>> read_overrides(metastore::session& session,
                                                             std::string_view folder,
                                                             std::vector<std::string> names);
// Of all nodes in the folder, which may be missing, by the names that they stand for.
runtime::task<result<named_overrides>> read_all_overrides(metastore::session& session,
                                                          std::string_view folder);

struct overrides_to_write {
  std::string entity;  // as in znodes::write_config_change, which is written beside it
  overrides config;
};
// All at once, so that they share commits of the store; one answer each, in order. Notes of older
// changes are removed.
runtime::task<std::vector<result<>>> write_overrides(metastore::session& session,
                                                     std::vector<overrides_to_write> changes,
                                                     controller_term term);

// These operations, and the note that tells of them; notes of older changes are removed.
runtime::task<result<>> write_config_change(metastore::session& session,
                                            std::vector<metastore::operation> all,
                                            std::string entity, controller_term term);

}  // namespace barnabas::cluster::detail
