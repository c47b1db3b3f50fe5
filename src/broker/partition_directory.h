// Which partitions this broker holds, on which shard each lives, and the settings of their topics.
// One table a shard, touched only there; the controller's decisions arrive on shard 0 and are
// carried to the owners. A partition is found by topic id and index; a caller that waits keeps it
// by its shared_ptr, which never leaves the owner shard.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/uuid.h"
#include "broker/topic_settings.h"
#include "cluster/image.h"
#include "cluster/partition_host.h"
#include "replica/partition.h"
#include "runtime/world.h"
#include "storage/log_manager.h"

namespace barnabas::broker {

using partition_ptr = std::shared_ptr<replica::partition>;

// Hears, on the owner's shard, what becomes of partitions.
class partition_observer {
 public:
  virtual ~partition_observer() = default;
  // It can be used, or has taken over another decision of the controller.
  virtual void opened(const uuid& topic_id, const partition_ptr& partition) = 0;
  // It has been closed; its log stays until this returns.
  virtual runtime::task<> closed(const topic_partition& name) = 0;
};

class partition_directory {
 public:
  // Settings of a topic as they stand now; called on shard 0.
  using settings_source =
      std::function<std::shared_ptr<const topic_settings>(const cluster::topic&)>;

  // All outlive the directory.
  partition_directory(runtime::world& world, storage::log_manager& logs, std::int32_t broker_id,
                      settings_source settings);
  ~partition_directory();

  // Before the first partition is opened; it outlives the last.
  void set_observer(partition_observer& observer) { observer_ = &observer; }

  runtime::world& world() const { return world_; }
  // The owner of a partition, which depends on nothing but its name and the number of shards.
  int shard_of(std::string_view topic, std::int32_t index) const;
  runtime::shard& owner_of(std::string_view topic, std::int32_t index) const;

  // On the owner shard: null when this broker does not hold it.
  const partition_ptr& find(const uuid& topic_id, std::int32_t index) const;
  // On any shard: null when this broker holds no partition of the topic.
  std::shared_ptr<const topic_settings> settings_of(const uuid& topic_id) const;

  // As cluster/partition_host.h says, on shard 0.
  runtime::task<std::vector<result<>>> open_partitions(
      std::vector<cluster::partition_to_open> partitions);
  runtime::task<bool> delete_topic(cluster::topic_ptr topic);
  // The settings as they are now go to these topics' partitions; or to those of all topics.
  runtime::task<> install_settings(std::vector<cluster::topic_ptr> topics);
  runtime::task<> install_all_settings();

  // Before the logs go: every partition is closed and its waiters are told.
  runtime::task<> close_all();

 private:
  struct hosted_topic {
    cluster::topic_ptr topic;
    std::shared_ptr<const topic_settings> settings;
    std::vector<partition_ptr>
        partitions;  // by index; null where another shard owns it or this broker has none
  };
  struct alignas(64) table {
    std::unordered_map<uuid, hosted_topic> topics;
  };
  using topic_list =
      std::vector<std::pair<cluster::topic_ptr, std::shared_ptr<const topic_settings>>>;
  using work = std::vector<std::pair<std::size_t, cluster::partition_to_open>>;  // with the place
                                                                                 // of its answer

  table& here() const {
    return *tables_[static_cast<std::size_t>(runtime::shard::current().index())];
  }
  runtime::task<> install_settings_here(const topic_list& list);
  runtime::task<std::vector<result<>>> open_here(work partitions);
  runtime::task<result<>> open_one(cluster::partition_to_open partition);
  runtime::task<result<storage::managed_log*>> log_of(cluster::partition_to_open partition);
  runtime::task<> close(const std::vector<partition_ptr>& partitions);
  runtime::task<bool> delete_here(cluster::topic_ptr topic);
  runtime::task<> close_here();

  runtime::world& world_;
  storage::log_manager& logs_;
  std::int32_t broker_id_;
  settings_source settings_;
  partition_observer* observer_ = nullptr;
  std::vector<std::unique_ptr<table>> tables_;
};

}  // namespace barnabas::broker
