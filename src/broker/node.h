// What stands behind the listeners: the metastore, the controller, the logs and the partitions,
// built and started in this order, stopped in the reverse one. Lives on shard 0.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "broker/coordinators.h"
#include "broker/fetch_session.h"
#include "broker/partition_directory.h"
#include "broker/producer_ids.h"
#include "broker/server_config.h"
#include "broker/setting_sources.h"
#include "cluster/controller.h"
#include "cluster/image_board.h"
#include "metastore/store.h"
#include "runtime/world.h"
#include "storage/log_manager.h"

namespace barnabas::broker {

class node final : private cluster::partition_host {
 public:
  // Called on shard 0 at the start, and whenever a dynamic setting of the broker has changed.
  using settings_listener = std::function<void(const broker_settings&)>;

  // `store`: null for the embedded one, which stands in the first log directory. The world, the
  // config and a store that is given outlive the node.
  node(runtime::world& world, const server_config& config, metastore::store* store,
       settings_listener settings_changed);
  ~node() override;

  // With the addresses that clients shall use. Afterwards every partition that is not in an offline
  // directory can be written and read.
  runtime::task<result<>> start(const std::vector<network::listener_address>& advertised);
  // No request runs any more.
  runtime::task<> stop();

  // Known once it has started.
  std::int32_t broker_id() const { return broker_id_; }
  runtime::world& world() { return world_; }
  cluster::image_board& images() { return images_; }
  cluster::controller& controller() { return *controller_; }
  partition_directory& partitions() { return *partitions_; }
  // Of __consumer_offsets.
  coordinators& groups() { return *groups_; }
  fetch_session_shards& fetch_sessions() { return fetch_sessions_; }
  producer_ids& producers() { return *producer_ids_; }
  storage::log_manager& logs() { return logs_; }

 private:
  runtime::task<result<>> open_store();
  void make_controller(const std::vector<network::listener_address>& advertised,
                       std::string cluster_id);
  runtime::task<result<>> open_logs();
  runtime::task<cluster::found_topic> describe(storage::adopted_topic adopted);
  broker_settings settings() const;
  // What changes while the broker runs, beside the settings of topics.
  void apply_settings();
  std::shared_ptr<const topic_settings> settings_of(const cluster::overrides& topic) const;

  runtime::task<std::vector<result<>>> open_partitions(
      std::vector<cluster::partition_to_open> partitions) override;
  runtime::task<bool> delete_topic(cluster::topic_ptr topic) override;
  runtime::task<> topic_config_changed(cluster::topic_ptr topic) override;
  runtime::task<> broker_config_changed() override;
  bool takes_new_partitions() const override { return logs_.takes_new_logs(); }

  runtime::world& world_;
  const server_config& config_;
  metastore::store* store_;
  settings_listener settings_changed_;
  std::int32_t broker_id_ = 0;
  mutable std::shared_ptr<const topic_settings> standard_;  // of topics that override nothing
  std::unique_ptr<metastore::store> own_store_;
  storage::log_manager logs_;
  cluster::image_board images_;
  std::unique_ptr<partition_directory> partitions_;
  std::unique_ptr<coordinators> groups_;
  fetch_session_shards fetch_sessions_;
  std::unique_ptr<cluster::controller> controller_;
  std::unique_ptr<producer_ids> producer_ids_;
  bool are_logs_open_ = false;
};

}  // namespace barnabas::broker
