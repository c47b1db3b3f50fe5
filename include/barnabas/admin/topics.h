// Topics and their partitions as the admin client makes and describes them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/admin/configs.h"
#include "barnabas/admin/security.h"
#include "barnabas/record.h"

namespace barnabas::kafka {

// The brokers of a partition; the first is the preferred leader.
using replica_list = std::vector<std::int32_t>;

struct new_topic {
  std::string name;
  std::int32_t partitions = -1;  // -1: as the cluster's settings say
  std::int16_t replication_factor = -1;
  std::map<std::string, std::string> configs = {};
  std::vector<replica_list> replicas = {};  // of each partition, in place of both numbers
};
// What a broker says of a topic that it made: with brokers older than 2.4, nothing.
struct created_topic {
  std::string id = {};
  std::int32_t partitions = -1;
  std::int16_t replication_factor = -1;
  std::vector<config_entry> configs = {};
};
struct new_partitions {
  std::int32_t count = 0;                   // of all that the topic then has
  std::vector<replica_list> replicas = {};  // of each new one; empty: the cluster chooses
};

struct topic_listing {
  std::string name;
  std::string id;
  bool is_internal = false;
};
struct partition_description {
  std::int32_t partition = 0;
  std::int32_t leader = -1;  // -1: none
  std::vector<std::int32_t> replicas = {};
  std::vector<std::int32_t> in_sync_replicas = {};
  std::vector<std::int32_t> offline_replicas = {};
  std::int32_t leader_epoch = -1;
};
struct topic_description {
  std::string name;
  bool is_internal = false;
  std::vector<partition_description> partitions = {};
  std::string id = {};
  std::optional<operation_list> operations = std::nullopt;  // where they were asked for
};

// What ListOffsets is asked for: a time in milliseconds since 1970, or one of these.
namespace offset_spec {
inline constexpr std::int64_t latest = -1;
inline constexpr std::int64_t earliest = -2;
inline constexpr std::int64_t max_timestamp = -3;            // of the record with the largest one
inline constexpr std::int64_t earliest_local = -4;           // on the broker's own disks
inline constexpr std::int64_t latest_tiered = -5;            // in remote storage
inline constexpr std::int64_t earliest_pending_upload = -6;  // not there yet
}  // namespace offset_spec

enum class isolation_level : std::int8_t { read_uncommitted = 0, read_committed = 1 };

struct listed_offset {
  std::int64_t offset = -1;        // -1: there is none
  std::int64_t timestamp_ms = -1;  // of that record, when a time was asked for
  std::int32_t leader_epoch = -1;
};

// A producer that a partition's leader keeps in mind.
struct producer_state {
  std::int64_t producer_id = -1;
  std::int32_t epoch = -1;
  std::int32_t last_sequence = -1;
  std::int64_t last_timestamp_ms = -1;
  std::int32_t coordinator_epoch = -1;
  std::int64_t transaction_start_offset = -1;  // -1: it is in no transaction
};

enum class election_type : std::int8_t {
  preferred = 0,  // to the first of the replicas
  unclean = 1     // to one that may have lost records, where no other is left
};
struct reassignment {
  replica_list replicas = {};
  replica_list adding = {};
  replica_list removing = {};
};

// One copy of a partition.
struct replica {
  topic_partition partition;
  std::int32_t broker = -1;

  auto operator<=>(const replica&) const = default;
};
// Where it lies, and where it is being moved to.
struct replica_place {
  std::string log_dir;  // empty: nowhere
  std::int64_t offset_lag = -1;
  std::string future_log_dir = {};  // empty: it is not moved
  std::int64_t future_offset_lag = -1;
};
struct log_dir_replica {
  topic_partition partition;
  std::int64_t size_bytes = 0;
  std::int64_t offset_lag = 0;
  bool is_future = false;  // it is being moved here
};
struct log_dir_description {
  std::vector<log_dir_replica> replicas = {};
  std::int64_t total_bytes = -1;  // of the volume; -1 from brokers older than 3.3
  std::int64_t usable_bytes = -1;
  bool is_cordoned = false;
};

}  // namespace barnabas::kafka
