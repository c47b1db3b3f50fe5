// What the controller is made of, shared by the .cpp files that implement it. Lives on shard 0.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cluster/controller.h"
#include "cluster/detail/change_queue.h"
#include "cluster/detail/cluster_nodes.h"
#include "cluster/detail/topic_plans.h"
#include "metastore/store.h"

namespace barnabas::cluster {

struct planned_config {
  config_change change;
  overrides after;
};

struct controller::state {
  runtime::world& world;
  metastore::store& store;
  image_board& board;
  partition_host& host;
  controller_options options;

  std::unique_ptr<metastore::session> session;
  detail::controller_term term;
  image_ptr newest = std::make_shared<const image>();  // on its way to the board, or there
  std::vector<std::string> deletions;                  // topics marked for it, still in the store
  bool is_stopping = false;
  detail::change_queue changes;
  runtime::task_group watchers{"controller watches"};

  detail::topic_defaults defaults() const {
    return {options.num_partitions, options.default_replication_factor, term.epoch};
  }

  runtime::task<result<>> load();
  runtime::task<result<>> adopt(std::vector<found_topic> topics);
  runtime::task<result<>> start();
  runtime::task<result<>> join_cluster();
  runtime::task<result<>> finish_deletions();
  // Of a topic that is marked and no longer in the image. While one of its logs is out of reach the
  // store keeps topic and mark, as in Kafka 3.9: a later start tries again.
  runtime::task<result<>> finish_deletion(std::string name, topic_ptr doomed);
  runtime::task<result<>> elect_leaders();
  runtime::task<std::vector<result<>>> elect_on_demand(std::vector<topic_partition> partitions,
                                                       bool is_unclean);
  runtime::task<result<>> elect_on_demand(topic_partition name, bool is_unclean);
  runtime::task<> open_partitions();
  runtime::task<> follow_session();
  runtime::task<result<>> rejoin();

  runtime::task<result<producer_id_block>> take_producer_ids();
  // Topics that the gate refuses have no plan.
  std::vector<result<created_topic>> plan_topics(const std::vector<new_topic>& topics,
                                                 const mutation_gate& gate) const;
  runtime::task<std::vector<result<>>> write_and_open(std::vector<topic_ptr> topics);
  runtime::task<std::vector<result<created_topic>>> create_topics(std::vector<new_topic> topics,
                                                                  bool validate_only,
                                                                  mutation_gate gate);
  runtime::task<std::vector<result<topic_ptr>>> delete_topics(std::vector<topic_to_delete> topics,
                                                              mutation_gate gate);
  runtime::task<result<topic_ptr>> delete_topic(topic_to_delete wanted, mutation_gate gate);
  runtime::task<std::vector<result<>>> create_partitions(std::vector<more_partitions> changes,
                                                         bool validate_only, mutation_gate gate);
  runtime::task<result<>> create_partitions(more_partitions change, bool validate_only,
                                            mutation_gate gate);
  runtime::task<std::vector<result<>>> alter_configs(std::vector<config_change> changes,
                                                     bool validate_only);
  result<planned_config> plan_config(const config_change& change) const;
  // Publishes what has been written, and tells the host.
  runtime::task<> show_configs(std::vector<planned_config> written);
  runtime::task<std::vector<result<>>> alter_credentials(std::vector<credential_change> changes);
  runtime::task<result<>> alter_credential(credential_change change);
  runtime::task<result<named_overrides>> read_users();
  runtime::task<std::vector<result<>>> alter_quotas(std::vector<quota_change> changes,
                                                    bool validate_only);
  runtime::task<result<>> alter_quota(quota_change change, bool validate_only);

  // Opens the partitions of these topics that are held here, from `first` on, and publishes the
  // topics. One answer a topic; partitions that failed have no leader in the image.
  runtime::task<std::vector<result<>>> open(std::vector<topic_ptr> topics, std::size_t first);
  // The newest image with a change.
  template <class Change>
  runtime::task<> publish(Change change) {
    auto next = std::make_shared<image>(*newest);
    change(*next);
    newest = next;
    co_await board.publish(std::move(next));
  }
};

}  // namespace barnabas::cluster
