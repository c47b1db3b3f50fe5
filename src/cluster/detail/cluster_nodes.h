// The cluster's own nodes in the store: the fixed ones, the registration of a broker, the election
// of a controller, the producer ids. The session outlives the tasks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/detail/znodes.h"
#include "cluster/image.h"
#include "metastore/store.h"
#include "runtime/task.h"
#include "runtime/time.h"

namespace barnabas::cluster::detail {

// Of the controller that writes: in every change of its own, so that one which was replaced changes
// nothing.
struct controller_term {
  std::int32_t epoch = 0;
  std::int32_t epoch_node_version = metastore::any_version;
};

// All operations, or none; NOT_CONTROLLER when another controller has been elected since `term`.
// More than a store takes at once are split, in order, so that a crash leaves a beginning of them.
runtime::task<result<>> write_all(metastore::session& session,
                                  std::vector<metastore::operation> all, controller_term term);

// The nodes at these paths; nothing where there is none, an error for any other reason.
runtime::task<result<std::vector<std::optional<metastore::node_value>>>> read_all(
    metastore::session& session, std::vector<std::string> paths);
// The answer for a node whose text is not as it should be.
std::unexpected<error> unreadable(std::string_view path, std::string_view data);

// Makes the nodes that every cluster has, and returns the cluster's id: that of the store, else
// `wanted`.
runtime::task<result<std::string>> make_fixed_nodes(metastore::session& session,
                                                    std::string wanted);

// Waits until `deadline` for an earlier session of the same broker to end. Returns the broker's
// epoch.
runtime::task<result<std::int64_t>> register_broker(metastore::session& session, broker broker,
                                                    runtime::steady_time deadline);
runtime::task<result<controller_term>> elect(metastore::session& session, std::int32_t broker_id,
                                             runtime::steady_time deadline);

// The next 1,000 ids.
runtime::task<result<znodes::producer_id_range>> take_producer_ids(metastore::session& session,
                                                                   std::int32_t broker_id);

}  // namespace barnabas::cluster::detail
