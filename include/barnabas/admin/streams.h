// Groups of Kafka Streams with the protocol of their own (KIP-1071), as the admin client describes
// them. Their offsets are those of any group.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/admin/security.h"

namespace barnabas::kafka {

// By the ids of subtopologies their partitions.
using streams_tasks = std::map<std::string, std::vector<std::int32_t>>;
struct streams_assignment {
  streams_tasks active = {};
  streams_tasks standby = {};
  streams_tasks warmup = {};
};
struct streams_member {
  std::string id;
  std::int32_t epoch = -1;
  std::optional<std::string> instance_id = std::nullopt;
  std::optional<std::string> rack = std::nullopt;
  std::string client_id = {};
  std::string host = {};
  std::int32_t topology_epoch = -1;
  std::string process_id = {};
  std::string endpoint = {};  // HOST:PORT for interactive queries; empty: none
  std::map<std::string, std::string> client_tags = {};
  streams_assignment assignment = {};
  streams_assignment target_assignment = {};
  bool is_classic = false;
};
struct streams_subtopology {
  std::string id;
  std::vector<std::string> source_topics = {};
  std::vector<std::string> repartition_sink_topics = {};
  std::vector<std::string> repartition_source_topics = {};
  std::vector<std::string> changelog_topics = {};
};
struct streams_group_description {
  std::string id;
  std::string state;
  std::int32_t epoch = -1;
  std::int32_t assignment_epoch = -1;
  std::int32_t topology_epoch = -1;  // -1: it has no topology yet
  std::vector<streams_subtopology> subtopologies = {};
  std::vector<streams_member> members = {};
  std::optional<operation_list> operations = std::nullopt;  // where they were asked for
};

}  // namespace barnabas::kafka
