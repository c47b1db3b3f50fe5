// How many connections there are, in all, of each listener and from each address, and how fast they
// come. On shard 0, where accepting happens.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "network/server_limits.h"
#include "runtime/time.h"

namespace barnabas::network::detail {

class connection_counts {
 public:
  void set_limits(connection_limits limits) { limits_ = std::move(limits); }

  bool is_full(const std::string& listener) const {
    return total_ >= limits_.of_all.connections ||
           count_in(of_listener_, listener) >= limits_of(listener).connections;
  }
  std::int32_t total() const { return total_; }
  // Whether one more from this address is within its limit.
  bool allows(const std::string& address) const {
    const auto own = limits_.per_ip_overrides.find(address);
    return count_in(of_address_, address) <
           (own == limits_.per_ip_overrides.end() ? limits_.per_ip : own->second);
  }
  // When the rates allow the next one; it may be over.
  runtime::steady_time next_allowed(const std::string& listener) const {
    const auto own = pace_of_listener_.find(listener);
    return std::max(pace_.next(limits_.of_all.creation_rate),
                    own == pace_of_listener_.end()
                        ? runtime::steady_time{}
                        : own->second.next(limits_of(listener).creation_rate));
  }
  void note_accepted(const std::string& listener, runtime::steady_time now) {
    pace_.take(limits_.of_all.creation_rate, now);
    pace_of_listener_[listener].take(limits_of(listener).creation_rate, now);
  }

  void add(const std::string& address, const std::string& listener) {
    ++total_;
    ++of_listener_[listener];
    ++of_address_[address];
  }
  void remove(const std::string& address, const std::string& listener) {
    --total_;
    --of_listener_[listener];
    const auto count = of_address_.find(address);
    if (--count->second == 0) {
      of_address_.erase(count);
    }
  }

 private:
  using counts = std::unordered_map<std::string, std::int32_t>;

  // As many at once as a second allows, then one after the other.
  class pace {
   public:
    runtime::steady_time next(std::int32_t rate) const {
      return rate == 0 ? runtime::no_deadline : spent_until_ - std::chrono::seconds(1);
    }
    void take(std::int32_t rate, runtime::steady_time now) {
      spent_until_ =
          std::max(spent_until_, now) + std::chrono::nanoseconds(1'000'000'000 / std::max(rate, 1));
    }

   private:
    runtime::steady_time spent_until_{};
  };

  static std::int32_t count_in(const counts& all, const std::string& key) {
    const auto at = all.find(key);
    return at == all.end() ? 0 : at->second;
  }
  listener_limits limits_of(const std::string& listener) const {
    const auto own = limits_.of_listener.find(listener);
    return own == limits_.of_listener.end() ? listener_limits() : own->second;
  }

  connection_limits limits_;
  std::int32_t total_ = 0;
  counts of_listener_;
  counts of_address_;
  pace pace_;
  std::unordered_map<std::string, pace> pace_of_listener_;
};

}  // namespace barnabas::network::detail
