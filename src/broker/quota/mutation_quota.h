// controller_mutation_rate (KIP-599): how many partitions a client may create and delete a second.
// A bucket of tokens for each client that uses its quota; on shard 0, where the controller decides,
// so one count holds for all connections. A bucket that is full again is forgotten.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "broker/quota/rate.h"
#include "cluster/quotas.h"

namespace barnabas::broker {

class mutation_quota {
 public:
  explicit mutation_quota(quota_window window) : window_(window) {}

  struct client {
    std::string principal;
    std::string client_id;
    // Refused when the bucket is overdrawn; otherwise counted, and told to wait.
    bool is_strict = false;
  };
  // Takes the tokens for so many partitions, and raises `delay` to what the client must wait.
  // THROTTLING_QUOTA_EXCEEDED.
  result<> take(const cluster::client_quotas& quotas, const client& client, std::int64_t partitions,
                std::chrono::milliseconds& delay);
  std::size_t size() const { return buckets_.size(); }

 private:
  token_bucket& bucket(const std::string& key, double limit);

  quota_window window_;
  std::unordered_map<std::string, token_bucket> buckets_;
  std::size_t next_cleaning_ = 64;  // at so many buckets
};

}  // namespace barnabas::broker
