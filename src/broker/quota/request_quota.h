// What one request takes of its client's quotas, and for how long the client must wait therefore
// (KIP-13, KIP-124, KIP-219): the answer goes at once and says so, and the connection is not read
// from for that time. Made by the session for requests of clients that have a quota; lives on the
// connection's shard until the reply has left.
//
// The time of request_percentage is the processor's for the request on its shard: from the start of
// each of its phases to the phase's first wait. What follows a wait (the rest of a request that
// went to another shard, sending) is not counted.
#pragma once

#include <chrono>
#include <cstdint>

#include "broker/quota/client_limits.h"
#include "runtime/time.h"

namespace barnabas::broker {

class request_quota {
 public:
  // Begins to work. `request_bytes` is the whole frame. The meters outlive it.
  request_quota(quota_meters& meters, client_limits_ptr limits, std::size_t request_bytes)
      : meters_(&meters), limits_(std::move(limits)), request_bytes_(request_bytes) {
    work();
  }

  bool counts_time() const {
    return limits_->get(cluster::quota_kind::request_percentage).meter != nullptr;
  }
  // Around the waits of the request; nothing where its time does not count.
  void work();
  void wait();

  // A Produce: its bytes are counted.
  void produced();
  // A Fetch: the most that its answer may have, so that it stays within the window.
  std::int64_t most_fetch_bytes() const;
  // Whether the answer may have these bytes, which are counted then. If not it has none, and they
  // can be fetched after the delay. An answer after which nothing else is in the window is always
  // allowed: a batch larger than the window must get through.
  bool may_fetch(std::int64_t bytes);
  bool are_mutations_limited() const { return limits_->are_mutations_limited; }
  void delay_for(std::chrono::milliseconds time) { delay_ = std::max(delay_, time); }

  // Counts the time so far; then the answer's throttle_time_ms.
  std::int32_t settle();
  std::chrono::milliseconds delay() const { return delay_; }

 private:
  void count_time();

  quota_meters* meters_;
  client_limits_ptr limits_;
  std::size_t request_bytes_;
  runtime::duration work_before_{};  // the shard's work_time() that is not this request's
  bool is_working_ = false;
  std::chrono::milliseconds delay_{0};
};

}  // namespace barnabas::broker
