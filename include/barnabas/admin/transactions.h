// Transactions as the admin client lists, describes and ends them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/record.h"

namespace barnabas::kafka {

struct transaction_listing {
  std::string transactional_id;
  std::int64_t producer_id = -1;
  std::string state;  // Kafka's word: Ongoing, PrepareCommit and others
};
// What is listed: all, where nothing is named.
struct transaction_filter {
  std::vector<std::string> states = {};
  std::vector<std::int64_t> producer_ids = {};
  std::int64_t longer_than_ms = -1;  // that have gone on for so long (KIP-994)
  std::string id_pattern = {};       // a regular expression of RE2 (KIP-1152)
};
struct transaction_description {
  std::string state;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t timeout_ms = 0;
  std::int64_t started_ms = -1;  // since 1970; -1: none is under way
  std::vector<topic_partition> partitions = {};
};

// An open transaction on a partition, as describe_producers tells of it.
struct open_transaction {
  topic_partition partition;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t coordinator_epoch = -1;
};
struct fenced_producer {
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
};

}  // namespace barnabas::kafka
