// How fast something goes, and how long to wait until it is within a limit again: the arithmetic of
// Apache Kafka's quotas. No clock: time is an argument and never goes back.
//
// A rate is measured over N samples. The newest is incomplete; while fewer than N-1 have been
// filled, the time is counted as if they had been, so that a client which begins may use N-1
// samples' worth at once. A bucket (KIP-599) holds N samples' worth of tokens, and may be overdrawn
// once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/time.h"

namespace barnabas::broker {

struct quota_window {
  std::size_t samples = 11;
  runtime::duration length = std::chrono::seconds(1);  // of each

  runtime::duration whole() const { return static_cast<std::int64_t>(samples) * length; }
};

class quota_rate {
 public:
  explicit quota_rate(quota_window window) : window_(window) {}

  void record(double amount, runtime::steady_time now);
  // What the samples hold now.
  double total(runtime::steady_time now);
  double per_second(runtime::steady_time now);
  // Whether they hold nothing, so that this is as good as a new one.
  bool is_idle(runtime::steady_time now) const;
  // For how long nothing may follow until the rate, with `more` recorded now, is down to the limit
  // a second. Zero when it is not above.
  std::chrono::milliseconds delay(double limit, runtime::steady_time now, double more = 0);

 private:
  struct sample {
    runtime::steady_time start;
    double sum = 0;
  };
  sample& current(runtime::steady_time now);
  void forget_old(runtime::steady_time now);
  double seconds(runtime::steady_time now) const;

  quota_window window_;
  std::vector<sample> samples_;  // a ring once it has window_.samples
  std::size_t current_ = 0;
};

class token_bucket {
 public:
  // Full.
  token_bucket(quota_window window, double limit, runtime::steady_time now);

  // The limit may have changed since the last call.
  void refill(double limit, runtime::steady_time now);
  void take(double tokens) { tokens_ -= tokens; }
  // Whether it is as good as a new one.
  bool is_full(runtime::steady_time now) const { return tokens_at(now) >= capacity_; }
  // Until it is not overdrawn; zero when it is not.
  std::chrono::milliseconds delay() const;

 private:
  double tokens_at(runtime::steady_time now) const;

  double span_seconds_;
  double limit_;
  double capacity_;
  double tokens_;
  runtime::steady_time last_;
};

}  // namespace barnabas::broker
