#include "group/administration.h"

#include "group/records.h"

namespace barnabas::group {
namespace {

deleted_group delete_now(turn& turn, group* group) {
  if (group == nullptr) {
    return {error_code::group_id_not_found, false};
  }
  if (!group->is(group_state::empty)) {
    return {error_code::non_empty_group, false};
  }
  group->pending.clear();
  tombstones written(turn);
  for (const auto& [topic, offsets] : group->offsets.all()) {
    for (const committed_offset& each : offsets) {
      if (!written.add(offset_tombstone(group->id(), topic, each.partition))) {
        return {error_code::none, true};
      }
    }
  }
  // A group without a generation has no record of its own.
  if (group->generation() > 0) {
    return {error_code::none, !written.add(group_tombstone(group->id()))};
  }
  if (written.count() == 0) {
    turn.all.erase(group->id());
  }
  return {};
}

}  // namespace

void list_groups(turn& turn, coordinator::reply_to<std::vector<listed_group>> to) {
  std::vector<listed_group> listed;
  listed.reserve(turn.all.all().size());
  for (const auto& [id, each] : turn.all.all()) {
    listed.push_back({id, each->protocol_type().value_or(""), each->state()});
  }
  turn.out.answer(std::move(to), std::move(listed));
}

void describe_group(turn& turn, std::string_view id, coordinator::reply_to<described_group> to) {
  const group* const found = turn.all.find(id);
  described_group out;
  if (found == nullptr) {
    return turn.out.answer(std::move(to), std::move(out));
  }
  out.state = found->state();
  out.protocol_type = found->protocol_type().value_or("");
  // Only in a stable group everybody has what belongs to the same generation.
  const bool is_stable = found->is(group_state::stable);
  if (is_stable) {
    out.protocol_name = found->protocol_name().value_or("");
  }
  for (const auto& [member_id, each] : found->members()) {
    described_member& member = out.members.emplace_back();
    member.id = each->id;
    member.instance_id = each->instance_id;
    member.client_id = each->client_id;
    member.client_host = each->client_host;
    if (is_stable) {
      member.metadata = each->metadata_for(out.protocol_name);
      member.assignment = each->assignment;
    }
  }
  turn.out.answer(std::move(to), std::move(out));
}

void delete_group(turn& turn, std::string_view id, coordinator::reply_to<deleted_group> to) {
  turn.out.answer(std::move(to), delete_now(turn, turn.all.find(id)));
}

}  // namespace barnabas::group
