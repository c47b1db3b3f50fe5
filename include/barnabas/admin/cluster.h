// The cluster itself as the admin client sees it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/admin/security.h"

namespace barnabas::kafka {

struct broker_description {
  std::int32_t id = -1;
  std::string host;
  std::int32_t port = 0;
  std::optional<std::string> rack = std::nullopt;
  bool is_fenced = false;
};
struct cluster_description {
  std::string id;
  std::int32_t controller = -1;  // -1: none
  std::vector<broker_description> brokers = {};
  std::optional<operation_list> operations = std::nullopt;  // where they were asked for
};

// Features of a cluster (KIP-584), by names such as metadata.version.
struct version_range {
  std::int16_t lowest = 0;
  std::int16_t highest = 0;
};
struct feature_description {
  std::map<std::string, version_range> supported = {};  // by the broker that was asked
  std::map<std::string, version_range> finalized = {};  // by the cluster
  std::int64_t epoch = -1;                              // of what is finalized; -1: nothing is
};
enum class feature_change : std::int8_t { upgrade = 1, safe_downgrade = 2, unsafe_downgrade = 3 };
struct feature_update {
  std::int16_t max_version = 0;  // 0 takes the feature back
  feature_change change = feature_change::upgrade;
};

// The quorum of controllers of a cluster without ZooKeeper.
struct raft_listener {
  std::string name;
  std::string host;
  std::uint16_t port = 0;
};
struct quorum_replica {
  std::int32_t id = -1;
  std::string directory_id = {};
  std::int64_t log_end_offset = -1;
  std::int64_t last_fetch_ms = -1;  // since 1970; -1: not known
  std::int64_t last_caught_up_ms = -1;
};
struct quorum_description {
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  std::int64_t high_watermark = -1;
  std::vector<quorum_replica> voters = {};
  std::vector<quorum_replica> observers = {};
  std::map<std::int32_t, std::vector<raft_listener>> listeners = {};  // by the voter's id
};
struct raft_voter {
  std::int32_t id = -1;
  std::string directory_id;
  std::string cluster_id = {};  // where it is given, no other cluster obeys
};

}  // namespace barnabas::kafka
