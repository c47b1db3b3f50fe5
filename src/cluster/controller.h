// The controller of a cluster, as of Kafka 3.9 in ZooKeeper mode: it registers its broker, elects
// itself, keeps topics, settings, quotas and producer ids in the metastore, decides leaders, and
// publishes the metadata image. Lives on shard 0, where every call is made (from elsewhere through
// on_shard); between load() and stop(). Changes run one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/topic_partition.h"
#include "cluster/image_board.h"
#include "cluster/partition_host.h"
#include "cluster/topics.h"
#include "cluster/user_credentials.h"
#include "metastore/store.h"
#include "runtime/task.h"
#include "runtime/time.h"
#include "runtime/world.h"

namespace barnabas::cluster {

struct controller_options {
  std::int32_t broker_id = 0;
  std::vector<broker_endpoint> endpoints;  // advertised
  std::optional<std::string> rack;
  std::string cluster_id;  // of meta.properties; empty: that of the store, or a new one
  std::int32_t num_partitions = 1;
  std::int16_t default_replication_factor = 1;
  bool is_topic_deletion_enabled = true;     // delete.topic.enable
  bool is_unclean_election_enabled = false;  // unclean.leader.election.enable, unless overridden
  runtime::duration session_timeout = std::chrono::seconds(18);
};

// Asked once for each topic whose partitions are about to be created or deleted, with their number;
// an error refuses the topic. Called on shard 0.
using mutation_gate = std::function<result<>(std::int64_t partitions)>;

// 1,000 ids from `first` on that nobody else gets.
struct producer_id_block {
  std::int64_t first = 0;
  std::int32_t count = 0;
};

class controller {
 public:
  // All outlive the controller.
  controller(runtime::world& world, metastore::store& store, image_board& board,
             partition_host& host, controller_options options);
  ~controller();

  // Connects, makes Kafka's fixed nodes if they are missing, and reads the cluster's id, topics,
  // settings and quotas. INCONSISTENT_CLUSTER_ID when meta.properties names another cluster than
  // the store.
  runtime::task<result<>> load();
  // The newest image, which may still be on its way to the board; before start() what load() found.
  const image_ptr& newest() const;
  // Between load() and start(): registers topics that stand in log directories with their ids, led
  // by this broker.
  runtime::task<result<>> adopt_topics(std::vector<found_topic> topics);
  // Registers the broker, elects it, opens its partitions and publishes the first image.
  runtime::task<result<>> start();
  // Gives the registration back. Changes that are under way end first.
  runtime::task<> stop();

  // One answer a topic, in order. With validate_only nothing changes and the answer is what would
  // have been. Answers when the partitions are usable or REQUEST_TIMED_OUT at the deadline; the
  // change then goes on.
  runtime::task<std::vector<result<created_topic>>> create_topics(std::vector<new_topic> topics,
                                                                  bool validate_only,
                                                                  runtime::steady_time deadline,
                                                                  mutation_gate gate = {});
  runtime::task<std::vector<result<topic_ptr>>> delete_topics(std::vector<topic_to_delete> topics,
                                                              runtime::steady_time deadline,
                                                              mutation_gate gate = {});
  runtime::task<std::vector<result<>>> create_partitions(std::vector<more_partitions> changes,
                                                         bool validate_only,
                                                         runtime::steady_time deadline,
                                                         mutation_gate gate = {});
  runtime::task<std::vector<result<>>> alter_configs(std::vector<config_change> changes,
                                                     bool validate_only);
  // One answer a change, in order; of those of one entity only the first counts.
  runtime::task<std::vector<result<>>> alter_quotas(std::vector<quota_change> changes,
                                                    bool validate_only);
  // One answer a change, in order: RESOURCE_NOT_FOUND when a credential that shall go is not there;
  // nothing of that user changes then.
  runtime::task<std::vector<result<>>> alter_credentials(std::vector<credential_change> changes);
  // All that stands in the store about users with names: credentials and quotas.
  runtime::task<result<named_overrides>> read_users();
  // ElectLeaders: the preferred replica, or (unclean) any live one where nobody leads. Errors as in
  // detail/leader_election.h, and UNKNOWN_TOPIC_OR_PARTITION.
  runtime::task<std::vector<result<>>> elect_leaders(std::vector<topic_partition> partitions,
                                                     bool is_unclean,
                                                     runtime::steady_time deadline);
  runtime::task<result<producer_id_block>> allocate_producer_ids();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace barnabas::cluster
