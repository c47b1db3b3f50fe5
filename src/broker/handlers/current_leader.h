// KIP-951: a client that asked the wrong broker learns the leader from the error itself. Produce
// 10+ and Fetch 16+.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/image.h"

namespace barnabas::broker::handlers {

template <class LeaderIdAndEpoch>
void fill_current_leader(const cluster::image& image, const cluster::topic* topic,
                         std::int32_t index, error_code code, LeaderIdAndEpoch& into) {
  if (code != error_code::not_leader_or_follower && code != error_code::fenced_leader_epoch) {
    return;
  }
  const cluster::partition* partition =
      topic == nullptr ? nullptr : image.find_partition(topic->name, index);
  if (partition != nullptr) {
    into.leader_id = partition->leader;
    into.leader_epoch = partition->leader_epoch;
  }
}

template <class NodeEndpoint>
void fill_node_endpoints(const cluster::image& image, std::string_view listener,
                         std::vector<NodeEndpoint>& into) {
  for (const auto& [id, broker] : *image.brokers) {
    const cluster::broker_endpoint* at = broker.endpoint(listener);
    if (at != nullptr) {
      NodeEndpoint& node = into.emplace_back();
      node.node_id = id;
      node.host = at->host;
      node.port = at->port;
      if (broker.rack) {
        node.rack = *broker.rack;
      }
    }
  }
}

}  // namespace barnabas::broker::handlers
