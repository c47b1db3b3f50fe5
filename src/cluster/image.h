// The metadata image: what a broker knows of its cluster at one moment. Immutable; a change makes a
// new image that shares every topic that did not change, and is published to all shards
// (cluster/image_board.h). Pointers and references into an image live as long as its shared_ptr is
// held.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "cluster/broker_ids.h"
#include "cluster/quotas.h"
#include "cluster/topic_table.h"

namespace barnabas::cluster {

inline constexpr std::int32_t no_leader = -1;

// Settings that stand in the store, by key.
using overrides = std::map<std::string, std::string, std::less<>>;
using named_overrides = std::map<std::string, overrides, std::less<>>;

struct broker_endpoint {
  std::string listener;           // its name, in capitals
  std::string security_protocol;  // PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL
  std::string host;               // as advertised; IPv6 without brackets
  std::int32_t port = 0;

  bool operator==(const broker_endpoint&) const = default;
};

struct broker {
  std::int32_t id = -1;
  std::int64_t epoch = -1;  // the zxid of its registration
  std::vector<broker_endpoint> endpoints;
  std::optional<std::string> rack;

  // Null when the broker has no listener of that name.
  const broker_endpoint* endpoint(std::string_view listener) const;
};

struct partition {
  broker_ids replicas;  // the preferred leader first
  broker_ids isr;
  std::int32_t leader = no_leader;
  std::int32_t leader_epoch = 0;
  std::int32_t partition_epoch =
      0;  // the version of its node in the store; -1 before it is written
  std::int32_t controller_epoch = 0;
};

struct topic {
  std::string name;
  uuid id;
  std::vector<partition> partitions;  // index = partition
  overrides config;
  // Replicas that a reassignment adds to and removes from a partition, where there is one.
  struct reassignment {
    broker_ids adding;
    broker_ids removing;
  };
  std::map<std::int32_t, reassignment> reassignments;

  const partition* find(std::int32_t index) const {
    return index >= 0 && static_cast<std::size_t>(index) < partitions.size() ? &partitions[index]
                                                                             : nullptr;
  }
};
using topic_ptr = std::shared_ptr<const topic>;

struct image {
  std::string cluster_id;
  std::int32_t controller_id = -1;
  std::int32_t controller_epoch = 0;
  std::shared_ptr<const std::map<std::int32_t, broker>> brokers;  // live ones; not null
  topic_table topics;
  // Dynamic settings of brokers by id as text, and of all brokers under "<default>"; not null.
  std::shared_ptr<const named_overrides> broker_configs;
  std::shared_ptr<const named_overrides> group_configs;  // of groups, by id; not null
  std::shared_ptr<const client_quotas> quotas;           // not null

  image();
  // Null when there is none.
  const topic* find_topic(std::string_view name) const { return topics.find(name).get(); }
  const topic* find_topic(const uuid& id) const { return topics.find(id).get(); }
  const partition* find_partition(std::string_view topic, std::int32_t index) const;
  const broker* find_broker(std::int32_t id) const;
};
using image_ptr = std::shared_ptr<const image>;

}  // namespace barnabas::cluster
