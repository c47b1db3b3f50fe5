// Quotas in the store, as Kafka 3.9 keeps them: in the nodes /config/users/USER,
// /config/users/USER/clients/CLIENT, /config/clients/CLIENT and /config/ips/IP, names
// percent-encoded and "<default>" for the default. The session outlives the tasks.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cluster/detail/cluster_nodes.h"
#include "cluster/image.h"
#include "cluster/quotas.h"
#include "metastore/store.h"
#include "runtime/task.h"

namespace barnabas::cluster::detail {

// "users/ann/clients/app": what a change's note in the store calls the entity, below /config.
std::string quota_path(const quota_entity& entity);

runtime::task<result<client_quotas>> read_quotas(metastore::session& session);
// All that stands in the entity's node, also what is no quota; empty when there is no node.
runtime::task<result<overrides>> read_quota_node(metastore::session& session, quota_entity entity);
// The same of all users that have a name and a node.
runtime::task<result<named_overrides>> read_user_nodes(metastore::session& session);
// Writes the node and the note of the change, with the nodes above that are not there. An empty
// node is removed, unless it has some below it, and so are those above it that then hold nothing.
runtime::task<result<>> write_quota_node(metastore::session& session, quota_entity entity,
                                         overrides node, controller_term term);

}  // namespace barnabas::cluster::detail
