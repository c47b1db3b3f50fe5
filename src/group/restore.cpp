#include "group/restore.h"

#include <algorithm>
#include <set>
#include <vector>

namespace barnabas::group {
namespace {

using written_member = protocol::group_metadata_value_member_metadata;

void remove_others(group& from, const std::vector<written_member>& written) {
  std::set<std::string_view> stay;
  for (const written_member& each : written) {
    stay.insert(each.member_id);
  }
  std::vector<std::string> gone;
  for (const auto& [id, each] : from.members()) {
    if (!stay.contains(id)) {
      gone.emplace_back(id);
    }
  }
  for (const std::string& id : gone) {
    from.remove(id);
  }
}

member& find_or_add(group& of, const written_member& written, std::string_view protocol_type) {
  if (member* known = of.find(written.member_id); known != nullptr) {
    return *known;
  }
  auto fresh = std::make_unique<member>();
  fresh->id = written.member_id;
  fresh->instance_id = written.group_instance_id;
  return of.add(std::move(fresh), protocol_type);
}

void restore_member(group& of, const written_member& written, std::string_view protocol_type,
                    std::string_view protocol_name) {
  member& each = find_or_add(of, written, protocol_type);
  each.client_id = written.client_id;
  each.client_host = written.client_host;
  each.session_timeout_ms = written.session_timeout;
  // Version 0 had none.
  each.rebalance_timeout_ms =
      written.rebalance_timeout < 0 ? written.session_timeout : written.rebalance_timeout;
  each.assignment = shared_bytes::copy_of(written.assignment);
  // A member that is here offers more than the one protocol that was chosen.
  if (as_text(each.metadata_for(protocol_name).view()) != as_text(written.subscription) ||
      each.protocols.empty()) {
    std::vector<member_protocol> chosen;
    chosen.push_back({std::string(protocol_name), shared_bytes::copy_of(written.subscription)});
    of.set_protocols(each, std::move(chosen));
  }
}

}  // namespace

void restore(group& into, const protocol::group_metadata_value& written) {
  remove_others(into, written.members);
  for (const written_member& each : written.members) {
    restore_member(into, each, written.protocol_type, written.protocol.value_or(""));
  }
  into.restore({.protocol_type = written.protocol_type,
                .protocol_name = written.protocol,
                .leader = written.leader.value_or(""),
                .generation = written.generation,
                .state_wall_ms = written.current_state_timestamp,
                .has_members = !written.members.empty()});
}

void clear(group& gone) {
  restore(gone, {});
}

committed_offset restored(const protocol::offset_commit_key& key,
                          const protocol::offset_commit_value& value, std::int64_t record_offset) {
  committed_offset out;
  out.partition = key.partition;
  out.leader_epoch = value.leader_epoch;
  out.offset = value.offset;
  out.commit_wall_ms = value.commit_timestamp;
  out.record_offset = record_offset;
  if (!value.metadata.empty() || value.expire_timestamp >= 0) {
    out.details = std::make_unique<commit_details>();
    out.details->metadata = value.metadata;
    if (value.expire_timestamp >= 0) {
      out.details->expire_wall_ms = value.expire_timestamp;
    }
  }
  return out;
}

}  // namespace barnabas::group
