// What stands behind the listeners: the metastore, the controller, the logs and the partitions,
// built and started in this order, stopped in the reverse one. Lives on shard 0.
#pragma once

#include <memory>

#include "base/result.h"
#include "broker/coordinators.h"
#include "broker/fetch_session.h"
#include "broker/partition_directory.h"
#include "broker/producer_ids.h"
#include "broker/server_config.h"
#include "cluster/controller.h"
#include "cluster/image_board.h"
#include "metastore/store.h"
#include "runtime/world.h"
#include "storage/log_manager.h"

namespace barnabas::broker {

class node {
 public:
  // `store`: null for the embedded one, which stands in the first log directory. The world, the
  // config and a store that is given outlive the node.
  node(runtime::world& world, const server_config& config, metastore::store* store);
  ~node();

  // With the addresses that clients shall use. Afterwards every partition that is not in an offline
  // directory can be written and read.
  runtime::task<result<>> start(const std::vector<network::listener_address>& advertised);
  // No request runs any more.
  runtime::task<> stop();

  runtime::world& world() { return world_; }
  cluster::image_board& images() { return images_; }
  cluster::controller& controller() { return *controller_; }
  partition_directory& partitions() { return partitions_; }
  // Of __consumer_offsets.
  coordinators& groups() { return groups_; }
  fetch_session_shards& fetch_sessions() { return fetch_sessions_; }
  producer_ids& producers() { return *producer_ids_; }
  storage::log_manager& logs() { return logs_; }

 private:
  runtime::task<result<>> open_store();
  void make_controller(const std::vector<network::listener_address>& advertised,
                       std::string cluster_id);
  runtime::task<result<>> open_logs();
  runtime::task<cluster::found_topic> describe(storage::adopted_topic adopted);
  std::shared_ptr<const topic_settings> settings_of(const cluster::overrides& topic) const;
  std::optional<std::string> broker_setting(std::string_view key) const;

  runtime::world& world_;
  const server_config& config_;
  metastore::store* store_;
  std::unique_ptr<metastore::store> own_store_;
  storage::log_manager logs_;
  cluster::image_board images_;
  partition_directory partitions_;
  coordinators groups_;
  fetch_session_shards fetch_sessions_;
  std::unique_ptr<cluster::controller> controller_;
  std::unique_ptr<producer_ids> producer_ids_;
  bool are_logs_open_ = false;
};

}  // namespace barnabas::broker
