// Topics in the store: reading all of them, and writing one change. The session outlives the
// tasks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cluster/detail/cluster_nodes.h"
#include "cluster/image.h"
#include "metastore/store.h"
#include "runtime/task.h"

namespace barnabas::cluster::detail {

// All topics with their partitions' states and settings, those that are being deleted too. A
// partition whose state is not there (its creation was interrupted) has partition epoch -1 and no
// leader.
runtime::task<result<std::vector<topic>>> read_topics(metastore::session& session);
// Names of topics that are to be deleted.
runtime::task<result<std::vector<std::string>>> read_deletions(metastore::session& session);

// All at once, so that they share commits of the store; one answer a topic, in order. A node for
// settings that an interrupted deletion has left is taken over.
runtime::task<std::vector<result<>>> write_new_topics(metastore::session& session,
                                                      std::vector<topic_ptr> topics,
                                                      controller_term term);
// The partitions from `first_new` on are new.
runtime::task<result<>> write_more_partitions(metastore::session& session, topic_ptr topic,
                                              std::int32_t first_new, controller_term term);
// The states of these partitions; their partition epochs are those in the store plus one, 0 for one
// that is not there.
runtime::task<result<>> write_states(metastore::session& session, topic_ptr topic,
                                     std::vector<std::int32_t> indexes, controller_term term);
runtime::task<result<>> mark_for_deletion(metastore::session& session, std::string topic,
                                          controller_term term);
// The topic's nodes and then the mark.
runtime::task<result<>> remove_topic(metastore::session& session, std::string topic,
                                     controller_term term);

// Adds a create, or a set when the node is there.
runtime::task<result<>> add_put(metastore::session& session, std::vector<metastore::operation>& all,
                                std::string path, std::string data);

}  // namespace barnabas::cluster::detail
