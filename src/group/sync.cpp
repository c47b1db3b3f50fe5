#include "group/sync.h"

#include <map>

#include "base/log.h"
#include "group/rebalance.h"
#include "group/records.h"
#include "group/validate.h"

namespace barnabas::group {
namespace {

using protocol::sync_group_request;

error_code validate(const group* group, const sync_group_request& request) {
  if (request.group_id.empty()) {
    return error_code::invalid_group_id;
  }
  if (group == nullptr) {
    return error_code::unknown_member_id;
  }
  const error_code code =
      validate_member(*group, request.member_id, request.group_instance_id, request.generation_id);
  if (code != error_code::none) {
    return code;
  }
  if ((request.protocol_type && group->protocol_type() != *request.protocol_type) ||
      (request.protocol_name && group->protocol_name() != *request.protocol_name)) {
    return error_code::inconsistent_group_protocol;
  }
  return error_code::none;
}

sync_answer synced(const group& group, shared_bytes assignment) {
  return {error_code::none, group.protocol_type(), group.protocol_name(), std::move(assignment)};
}

// The record makes the group stable when it is replayed (machine.cpp).
void write_assignments(turn& turn, group& group, const sync_group_request& request) {
  std::map<std::string_view, bytes_view> parts;
  for (const auto& each : request.assignments) {
    parts[each.member_id] = each.assignment;
  }
  const auto part_of = [&parts](const member& of) {
    const auto found = parts.find(of.id);
    return found == parts.end() ? bytes_view() : found->second;
  };
  coordinator::new_record record = group_record(group, turn.now.wall_ms, part_of);
  if (!fits_batch(record, turn.limits.max_batch_bytes)) {
    log(log_level::warn, "group", "the group is larger than a batch of __consumer_offsets may be",
        {field("group", group.id()), field("members", group.members().size()),
         field("bytes", record.value->size()), field("max_bytes", turn.limits.max_batch_bytes)});
    refuse_syncs(turn, group, error_code::unknown_server_error);
    prepare_rebalance(turn, group, "the leader's assignment is too large");
    return;
  }
  turn.out.append(std::move(record));
  for (const auto& [id, each] : group.members()) {
    if (each->awaited_sync) {
      turn.out.answer(std::move(each->awaited_sync),
                      synced(group, shared_bytes::copy_of(part_of(*each))));
      renew_session(turn, group, *each);
    }
  }
}

}  // namespace

void sync(turn& turn, const sync_group_request& request, coordinator::reply_to<sync_answer> to) {
  group* const group = turn.all.find(request.group_id);
  const error_code code = validate(group, request);
  if (code != error_code::none) {
    return turn.out.answer(std::move(to), sync_answer{.error = code});
  }
  member& asking = *group->find(request.member_id);
  switch (group->state()) {
    case group_state::empty:
    case group_state::dead:
      return turn.out.answer(std::move(to), sync_answer{.error = error_code::unknown_member_id});
    case group_state::preparing_rebalance:
      return turn.out.answer(std::move(to),
                             sync_answer{.error = error_code::rebalance_in_progress});
    case group_state::completing_rebalance:
      asking.is_sync_pending = false;
      asking.awaited_sync = std::move(to);
      if (group->leader() == asking.id) {
        write_assignments(turn, *group, request);
      }
      return;
    case group_state::stable:
      asking.is_sync_pending = false;
      renew_session(turn, *group, asking);
      return turn.out.answer(std::move(to), synced(*group, asking.assignment));
  }
}

}  // namespace barnabas::group
