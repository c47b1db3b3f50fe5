#include "group/membership.h"

#include <fmt/format.h>

#include "group/rebalance.h"
#include "group/validate.h"

namespace barnabas::group {
namespace {

error_code beat(turn& turn, const protocol::heartbeat_request& request) {
  if (request.group_id.empty()) {
    return error_code::invalid_group_id;
  }
  group* const group = turn.all.find(request.group_id);
  if (group == nullptr) {
    return error_code::unknown_member_id;
  }
  const error_code code =
      validate_member(*group, request.member_id, request.group_instance_id, request.generation_id);
  if (code != error_code::none) {
    return code;
  }
  renew_session(turn, *group, *group->find(request.member_id));
  return group->is(group_state::preparing_rebalance) ? error_code::rebalance_in_progress
                                                     : error_code::none;
}

error_code leave_one(turn& turn, group& group,
                     const protocol::leave_group_request_member_identity& leaving) {
  member* gone = nullptr;
  if (leaving.member_id.empty()) {
    gone = leaving.group_instance_id ? group.find_static(*leaving.group_instance_id) : nullptr;
  } else if (group.pending.contains(leaving.member_id)) {
    remove_pending(turn, group, leaving.member_id);
    return error_code::none;
  } else {
    const error_code code = validate_member(group, leaving.member_id, leaving.group_instance_id);
    if (code != error_code::none) {
      return code;
    }
    gone = group.find(leaving.member_id);
  }
  if (gone == nullptr) {
    return error_code::unknown_member_id;
  }
  remove_member(turn, group, *gone,
                fmt::format("it leaves; its reason: {}", leaving.reason.value_or("none given")));
  return error_code::none;
}

}  // namespace

void heartbeat(turn& turn, const protocol::heartbeat_request& request,
               coordinator::reply_to<error_code> to) {
  turn.out.answer(std::move(to), beat(turn, request));
}

void leave(turn& turn, const protocol::leave_group_request& request,
           coordinator::reply_to<std::vector<error_code>> to) {
  std::vector<error_code> codes;
  codes.reserve(request.members.size());
  group* const group = turn.all.find(request.group_id);
  for (const auto& leaving : request.members) {
    codes.push_back(group == nullptr ? error_code::unknown_member_id
                                     : leave_one(turn, *group, leaving));
  }
  turn.out.answer(std::move(to), std::move(codes));
}

}  // namespace barnabas::group
