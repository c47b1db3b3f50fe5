#include "broker/quota/meters.h"

#include "runtime/shard.h"
#include "runtime/wait.h"

namespace barnabas::broker {

quota_meters::quota_meters(runtime::world& world, quota_window window)
    : world_(world), window_(window) {
  for (int i = 0; i < world.shard_count(); ++i) {
    tables_.push_back(std::make_unique<table>());
  }
}

quota_meters::table& quota_meters::here() const {
  return *tables_[static_cast<std::size_t>(runtime::shard::current().index())];
}

meter_ptr quota_meters::find(const std::string& key) {
  table& mine = here();
  auto found = mine.meters.find(key);
  if (found == mine.meters.end()) {
    const bool is_full = mine.meters.size() >= most_meters;
    const std::string shared = is_full ? key.substr(0, 1) : key;  // the kind
    found = mine.meters.try_emplace(shared, std::make_shared<quota_meter>(shared, window_)).first;
  }
  found->second->last_used = runtime::shard::current().now();
  if (!mine.is_sweeping) {
    mine.is_sweeping = mine.tasks.spawn(sweep());
  }
  return found->second;
}

void quota_meters::record(const meter_ptr& meter, double amount) {
  const runtime::steady_time now = runtime::shard::current().now();
  meter->rate.record(amount, now);
  meter->last_used = now;
  if (tables_.size() == 1) {
    return;
  }
  table& mine = here();
  if (meter->unsent == 0) {
    mine.unsent.push_back(meter);
  }
  meter->unsent += amount;
  if (!mine.is_exchanging) {
    mine.is_exchanging = mine.tasks.spawn(exchange());
  }
}

runtime::task<> quota_meters::exchange() {
  table& mine = here();
  const int self = runtime::shard::current().index();
  while (true) {
    co_await mine.tasks.stopped().wait_until(runtime::shard::current().now() + exchange_interval);
    if (mine.unsent.empty() || mine.tasks.is_stopping()) {
      break;
    }
    auto all = std::make_shared<reports>();
    for (const meter_ptr& meter : mine.unsent) {
      all->emplace_back(meter->key, std::exchange(meter->unsent, 0));
    }
    mine.unsent.clear();
    for (int other = 0; other < world_.shard_count(); ++other) {
      if (other != self) {
        co_await runtime::on_shard(world_.shard_at(other), [this, all] { return take(all); });
      }
    }
  }
  mine.is_exchanging = false;
}

runtime::task<> quota_meters::take(std::shared_ptr<const reports> all) {
  const runtime::steady_time now = runtime::shard::current().now();
  for (const auto& [key, amount] : *all) {
    find(key)->rate.record(amount, now);
  }
  co_return;
}

runtime::task<> quota_meters::sweep() {
  table& mine = here();
  while (!mine.meters.empty() && !mine.tasks.is_stopping()) {
    const runtime::duration whole = window_.whole();
    co_await mine.tasks.stopped().wait_until(runtime::shard::current().now() + whole);
    const runtime::steady_time limit = runtime::shard::current().now() - whole;
    std::erase_if(mine.meters, [limit](const auto& one) {
      return one.second.use_count() == 1 && one.second->last_used < limit;
    });
  }
  mine.is_sweeping = false;
}

runtime::task<> quota_meters::stop_here() {
  table& mine = here();
  mine.tasks.stop();
  co_await mine.tasks.join();
}

runtime::task<> quota_meters::stop() {
  for (int i = 0; i < world_.shard_count(); ++i) {
    co_await runtime::on_shard(world_.shard_at(i), [this] { return stop_here(); });
  }
}

}  // namespace barnabas::broker
