// connection_creation_rate (KIP-612): how many connections an address may make a second. On shard
// 0, where connections are accepted. A rate that is zero again is forgotten.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "broker/quota/rate.h"
#include "cluster/image_board.h"

namespace barnabas::broker {

class connection_quota {
 public:
  // The board outlives it.
  connection_quota(const cluster::image_board& images, quota_window window)
      : images_(images), window_(window) {}

  // Zero: the connection is counted. Else it is one too many, and is not counted; the address shall
  // wait for so long, at most one sample's length.
  runtime::duration delay(const std::string& address);
  std::size_t size() const { return rates_.size(); }

 private:
  void read(const std::shared_ptr<const cluster::client_quotas>& quotas);
  std::optional<double> limit_of(const std::string& address) const;
  void forget_idle(runtime::steady_time now);

  const cluster::image_board& images_;
  quota_window window_;
  std::shared_ptr<const cluster::client_quotas> source_;  // of the two below
  std::unordered_map<std::string, double> limits_;        // by address as connections show it
  std::optional<double> default_limit_;
  std::unordered_map<std::string, quota_rate> rates_;
  std::size_t next_cleaning_ = 1'024;  // at so many rates
};

}  // namespace barnabas::broker
