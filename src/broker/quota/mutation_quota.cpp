#include "broker/quota/mutation_quota.h"

#include <algorithm>

#include "broker/quota/lookup.h"
#include "runtime/shard.h"

namespace barnabas::broker {

token_bucket& mutation_quota::bucket(const std::string& key, double limit) {
  const runtime::steady_time now = runtime::shard::current().now();
  if (buckets_.size() >= next_cleaning_) {
    std::erase_if(buckets_, [now](const auto& one) { return one.second.is_full(now); });
    next_cleaning_ = std::max<std::size_t>(64, 2 * buckets_.size());
  }
  token_bucket& tokens = buckets_.try_emplace(key, window_, limit, now).first->second;
  tokens.refill(limit, now);
  return tokens;
}

result<> mutation_quota::take(const cluster::client_quotas& quotas, const client& client,
                              std::int64_t partitions, std::chrono::milliseconds& delay) {
  const auto found = find_quota(quotas, cluster::quota_kind::controller_mutation_rate,
                                user_of(client.principal), client.client_id);
  if (!found) {
    return {};
  }
  token_bucket& tokens = bucket(found->key, found->limit);
  const bool is_overdrawn = tokens.delay().count() > 0;
  if (!is_overdrawn || !client.is_strict) {
    tokens.take(static_cast<double>(partitions));
  }
  // A strict client is told to wait only when it was refused.
  if (is_overdrawn || !client.is_strict) {
    delay = std::max(delay, tokens.delay());
  }
  if (is_overdrawn && client.is_strict) {
    return fail(error_code::throttling_quota_exceeded,
                "the quota of created and deleted partitions is used up");
  }
  return {};
}

}  // namespace barnabas::broker
