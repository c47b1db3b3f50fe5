// What clients use of their quotas. A client's connections live on several shards, and its quota is
// shared by them all: each shard has a meter of its own for every client that is active, and tells
// the others every exchange_interval what it has added. So recording touches its own shard only,
// and a shard is late by one interval: a client may pass its limit by what it sends in that time
// over the other shards, once; later delays count it. A meter that was idle for the whole window is
// forgotten, unless a connection holds it. At most most_meters stand on a shard; what comes beyond
// shares one meter a kind of quota.
//
// Where no quotas are, nothing is recorded, kept or exchanged.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/quota/rate.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/world.h"

namespace barnabas::broker {

struct quota_meter {
  explicit quota_meter(std::string key, quota_window window) : key(std::move(key)), rate(window) {}

  std::string key;
  quota_rate rate;  // of all shards
  double unsent = 0;
  runtime::steady_time last_used{};
};
using meter_ptr = std::shared_ptr<quota_meter>;  // never leaves its shard

class quota_meters {
 public:
  static constexpr auto exchange_interval = std::chrono::milliseconds(25);
  static constexpr std::size_t most_meters = 20'000;

  // The world outlives the meters.
  quota_meters(runtime::world& world, quota_window window);

  // Of this shard. Keys are those of find_quota(); made if it is not there.
  meter_ptr find(const std::string& key);
  // On the meter's shard.
  void record(const meter_ptr& meter, double amount);
  std::size_t size() const { return here().meters.size(); }
  quota_window window() const { return window_; }
  // No request runs any more.
  runtime::task<> stop();

 private:
  using reports = std::vector<std::pair<std::string, double>>;
  struct alignas(64) table {
    std::unordered_map<std::string, meter_ptr> meters;
    std::vector<meter_ptr> unsent;
    bool is_exchanging = false;
    bool is_sweeping = false;
    runtime::task_group tasks{"quotas"};
  };

  table& here() const;
  runtime::task<> exchange();
  runtime::task<> sweep();
  runtime::task<> take(std::shared_ptr<const reports> all);
  runtime::task<> stop_here();

  runtime::world& world_;
  quota_window window_;
  std::vector<std::unique_ptr<table>> tables_;
};

}  // namespace barnabas::broker
