// A member of a group: what it said of itself when it joined, what it was assigned, and what it
// waits for. Owned by its group.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "coordinator/machine.h"
#include "group/answers.h"
#include "protocol/messages/join_group_request.h"

namespace barnabas::group {

// A way of assigning partitions that a member offers, and what it tells the leader for it.
struct member_protocol {
  std::string name;
  shared_bytes metadata;
};

struct member {
  std::string id;
  std::optional<std::string> instance_id;  // of a static member (KIP-345)
  std::string client_id;
  std::string client_host;
  std::int32_t rebalance_timeout_ms = 0;
  std::int32_t session_timeout_ms = 0;
  std::vector<member_protocol> protocols;  // the one it likes best first
  shared_bytes assignment;                 // of the last generation that was written

  // What a restart forgets.
  std::int64_t session_deadline_ms = 0;
  bool is_new = false;  // has not been through a rebalance: its wait does not prove it alive
  bool is_sync_pending = false;  // has been told of the generation and not asked for its part yet
  coordinator::reply_to<join_answer> awaited_join;  // set by group::await_join only
  coordinator::reply_to<sync_answer> awaited_sync;

  bool is_static() const { return instance_id.has_value(); }
  // Waiting for others counts as a heartbeat.
  bool is_kept_alive() const { return !is_new && (awaited_join || awaited_sync); }
  // The bytes for a protocol; empty when it does not offer it.
  shared_bytes metadata_for(std::string_view protocol) const;
  // Offers exactly this, in this order.
  bool offers(std::span<const protocol::join_group_request_protocol> asked) const;
};

std::vector<member_protocol> copy_of(std::span<const protocol::join_group_request_protocol> asked);

}  // namespace barnabas::group
