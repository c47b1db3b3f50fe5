// How many connections there are, in all and from each address. On shard 0, where accepting
// happens.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "network/server_limits.h"

namespace barnabas::network::detail {

class connection_counts {
 public:
  explicit connection_counts(const server_limits& limits) : limits_(limits) {}

  bool is_full() const { return total_ >= limits_.connections; }
  std::int32_t total() const { return total_; }
  // Whether one more from this address is within its limit.
  bool allows(const std::string& address) const {
    const auto limit = limits_.connections_per_ip_overrides.find(address);
    const auto count = of_address_.find(address);
    return (count == of_address_.end() ? 0 : count->second) <
           (limit == limits_.connections_per_ip_overrides.end() ? limits_.connections_per_ip
                                                                : limit->second);
  }
  void add(const std::string& address) {
    ++total_;
    ++of_address_[address];
  }
  void remove(const std::string& address) {
    --total_;
    const auto count = of_address_.find(address);
    if (--count->second == 0) {
      of_address_.erase(count);
    }
  }

 private:
  const server_limits& limits_;
  std::int32_t total_ = 0;
  std::unordered_map<std::string, std::int32_t> of_address_;
};

}  // namespace barnabas::network::detail
