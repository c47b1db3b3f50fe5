// The settings of each kind of client as values of their types. Made once, from
// checked text; what the settings mean together is checked here (idempotence
// and acks).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "client/assignor.h"
#include "client/partitioner.h"
#include "client/security_configuration.h"
#include "record/compression.h"
#include "rpc/link.h"

namespace barnabas::client {

using setting_map = std::map<std::string, std::string>;

struct cluster_configuration {
  std::vector<runtime::endpoint> bootstrap;
  rpc::link_settings link;
  std::optional<security::tls_settings> tls = std::nullopt;  // nothing: plaintext
  std::optional<token_endpoint> tokens = std::nullopt;       // of OAUTHBEARER
  runtime::duration first_retry_backoff{};
  runtime::duration most_retry_backoff{};
  runtime::duration request_timeout{};  // tries included
  runtime::duration attempt_timeout{};  // one try of the admin client
  runtime::duration refresh_interval{};
  bool may_begin_again = true;  // from the bootstrap servers
  runtime::duration begin_again_after{};
  bool creates_topics = true;  // a topic that is asked for and not there
};

struct producer_configuration {
  cluster_configuration cluster;
  std::int16_t acks = -1;
  bool is_idempotent = true;
  std::int64_t batch_bytes = 0;
  std::int32_t batch_records = 0;
  runtime::duration linger{};
  runtime::duration most_block{};
  runtime::duration delivery_timeout{};  // zero: none
  runtime::duration request_timeout{};
  int retries = 0;
  std::size_t in_flight_per_broker = 5;
  std::int64_t request_bytes = 0;
  std::int64_t queue_bytes = 0;
  std::int64_t queue_records = 0;  // 0: no limit
  record::compression_choice compression;
  partitioner_kind partitioner = partitioner_kind::consistent_random;
  bool is_adaptive = true;
  bool reports_only_failures = false;
  std::string transactional_id;  // empty: no transactions
  runtime::duration transaction_timeout{};
};

enum class offset_reset : std::uint8_t { earliest, latest, none, by_duration };

struct group_configuration {
  std::string id;           // empty: no group
  std::string instance_id;  // empty: no static member
  std::vector<const assignor*> strategies;
  runtime::duration session_timeout{};
  runtime::duration heartbeat_interval{};
  runtime::duration most_poll_interval{};
  // After so long without an answer the coordinator may have expelled the member: the session has
  // ended, or a rebalance has waited max.poll.interval.ms for it to join (KIP-62).
  runtime::duration most_silence{};
  bool commits_automatically = true;
  runtime::duration commit_interval{};
};

struct consumer_configuration {
  cluster_configuration cluster;
  group_configuration group;
  offset_reset reset = offset_reset::latest;
  runtime::duration reset_age{};  // of by_duration
  bool checks_crcs = false;
  bool reads_uncommitted = false;
  std::string rack;
  std::int32_t fetch_bytes = 0;
  std::int32_t fetch_least_bytes = 1;
  std::int32_t partition_fetch_bytes = 0;
  runtime::duration fetch_wait{};
  std::size_t poll_records = 0;
  std::int64_t queue_bytes = 0;
};

// ISO 8601's, of days and less, as in P1DT2H or PT0.5S (KIP-1106).
std::optional<runtime::duration> parse_iso_duration(std::string_view text);

// invalid_config names the setting and what is wrong.
result<producer_configuration> make_producer_configuration(const setting_map& settings);
result<consumer_configuration> make_consumer_configuration(const setting_map& settings);
result<cluster_configuration> make_admin_configuration(const setting_map& settings);

}  // namespace barnabas::client
