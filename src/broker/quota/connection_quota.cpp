#include "broker/quota/connection_quota.h"

#include <algorithm>

#include "network/listener_address.h"
#include "runtime/shard.h"

namespace barnabas::broker {

void connection_quota::read(const std::shared_ptr<const cluster::client_quotas>& quotas) {
  source_ = quotas;
  limits_.clear();
  default_limit_.reset();
  for (const auto& [entity, values] : *quotas) {
    const auto& limit =
        values[static_cast<std::size_t>(cluster::quota_kind::connection_creation_rate)];
    if (!entity.ip || !limit) {
      continue;
    }
    if (entity.ip->empty()) {
      default_limit_ = limit;
    } else if (const auto address = network::numeric_address(*entity.ip)) {
      limits_[*address] = *limit;
    }
  }
}

std::optional<double> connection_quota::limit_of(const std::string& address) const {
  const auto own = limits_.find(address);
  return own == limits_.end() ? default_limit_ : own->second;
}

void connection_quota::forget_idle(runtime::steady_time now) {
  if (rates_.size() >= next_cleaning_) {
    std::erase_if(rates_, [now](const auto& one) { return one.second.is_idle(now); });
    next_cleaning_ = std::max<std::size_t>(1'024, 2 * rates_.size());
  }
}

runtime::duration connection_quota::delay(const std::string& address) {
  const auto& quotas = images_.current()->quotas;
  if (quotas->empty()) {
    return {};
  }
  if (source_ != quotas) {
    read(quotas);
  }
  const auto limit = limit_of(address);
  if (!limit) {
    return {};
  }
  const runtime::steady_time now = runtime::shard::current().now();
  forget_idle(now);
  quota_rate& rate = rates_.try_emplace(address, window_).first->second;
  const runtime::duration wait = rate.delay(*limit, now, 1);
  if (wait == runtime::duration::zero()) {
    rate.record(1, now);
  }
  return std::min(wait, window_.length);
}

}  // namespace barnabas::broker
