// Groups and what they have committed, as the admin client lists, describes and changes them.
// States and types are Kafka's words: Stable, Empty, Dead and others; Classic, Consumer, Share,
// Streams.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/admin/each.h"
#include "barnabas/admin/security.h"
#include "barnabas/committed_offset.h"
#include "barnabas/record.h"

namespace barnabas::kafka {

struct group_listing {
  std::string id;
  std::string protocol_type;  // "consumer" of consumers, "connect" of Connect, empty without one
  std::string state;          // empty from brokers older than 2.6
  std::string type;           // empty from brokers older than 3.8
};
// What is listed: all, where nothing is named.
struct group_filter {
  std::vector<std::string> states = {};
  std::vector<std::string> types = {};
};

struct group_member {
  std::string id;
  std::optional<std::string> instance_id = std::nullopt;  // of a static member (KIP-345)
  std::string client_id = {};
  std::string host = {};
  std::vector<topic_partition> assignment = {};
  // Of members of the newer protocols (KIP-848, KIP-932).
  std::optional<std::string> rack = std::nullopt;
  std::int32_t epoch = -1;
  std::vector<topic_partition> target_assignment = {};
  std::vector<std::string> subscribed_topics = {};
  std::optional<std::string> subscribed_pattern = std::nullopt;
  // Of classic members, their own bytes: what they can and what they were given.
  std::string metadata_bytes = {};
  std::string assignment_bytes = {};
};
struct group_description {
  std::string id;
  std::string type;
  std::string state;
  std::string protocol_type;  // of classic groups
  std::string assignor;       // the strategy that shares the partitions
  std::int32_t epoch = -1;    // of the newer protocols
  std::int32_t assignment_epoch = -1;
  std::vector<group_member> members = {};
  std::optional<operation_list> operations = std::nullopt;  // where they were asked for
};

// A member as removal names it: a static one by its instance, any other by its id.
struct member_name {
  std::string id;
  std::optional<std::string> instance_id = std::nullopt;

  auto operator<=>(const member_name&) const = default;
};

// Of each group its partitions; all that it has where none is named.
using partitions_by_group = std::map<std::string, std::vector<topic_partition>>;

using committed_offsets = each<topic_partition, committed_offset>;

// From where a share group reads a partition.
struct share_offset {
  std::int64_t start_offset = -1;
  std::int64_t lag = -1;  // -1 from brokers older than 4.2
  std::int32_t leader_epoch = -1;
};
using share_offsets = each<topic_partition, share_offset>;

}  // namespace barnabas::kafka
