// The logs of one shard: the list that the background jobs walk, and its flusher. Made by the log_manager; touched only
// on its shard.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "storage/flusher.h"
#include "storage/managed_log.h"

namespace barnabas::storage {

class shard_logs {
 public:
  // Nothing when this shard has no such log. The pointer is good until delete_log() or stop().
  managed_log* find(const topic_partition& partition);
  std::size_t size() const { return logs_.size(); }
  template <class F>
  void for_each(F&& visit) {
    for (auto& [partition, log] : logs_) {
      visit(*log);
    }
  }

  storage::flusher& flusher() { return *flusher_; }
  // Nothing, or why the directory of this log takes no writes (KAFKA_STORAGE_ERROR). Ask before each append.
  result<> check_writable(const managed_log& log) const;

 private:
  friend class log_manager;
  std::unordered_map<topic_partition, std::unique_ptr<managed_log>> logs_;
  std::unique_ptr<storage::flusher> flusher_;
};

}  // namespace barnabas::storage
