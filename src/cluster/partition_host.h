// What the controller asks of the broker that holds partitions; broker's wiring implements it.
// Called on shard 0, from one task at a time; the implementation goes to the owners' shards.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cluster/image.h"
#include "runtime/task.h"

namespace barnabas::cluster {

// A partition that this broker shall hold: leader, epochs and replicas stand in
// topic->partitions[index].
struct partition_to_open {
  topic_ptr topic;
  std::int32_t index = 0;
  bool is_new = false;  // created just now; if not, a log that is missing is made anew
};

class partition_host {
 public:
  virtual ~partition_host() = default;

  // Makes the partitions usable, with leader and leader epoch as they stand there; those that are
  // open already take the new epoch, settings and replicas. One answer a partition, in order; a
  // failure is the partition's own (KAFKA_STORAGE_ERROR: its log directory is offline). The image
  // that shows them is published afterwards.
  virtual runtime::task<std::vector<result<>>> open_partitions(
      std::vector<partition_to_open> partitions) = 0;
  // Closes the topic's partitions, open or not, and gives their files up (they may vanish later).
  // The image no longer has the topic. False when a log stays, or may be in a log directory that is
  // offline.
  virtual runtime::task<bool> delete_topic(topic_ptr topic) = 0;
  // The image that shows the new overrides has been published.
  virtual runtime::task<> topic_config_changed(topic_ptr topic) = 0;
  virtual runtime::task<> broker_config_changed() = 0;
  // Not while all its log directories are cordoned.
  virtual bool takes_new_partitions() const { return true; }
};

}  // namespace barnabas::cluster
