// Whether a request's member may speak for itself in a group: the same for all APIs of members.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error_code.h"
#include "group/group.h"

namespace barnabas::group {

// UNKNOWN_MEMBER_ID when member or instance id are not there; FENCED_INSTANCE_ID when the instance
// is another member by now (KIP-345).
inline error_code validate_member(const group& group, std::string_view member_id,
                                  std::optional<std::string_view> instance_id) {
  if (instance_id) {
    const member* current = group.find_static(*instance_id);
    if (current == nullptr) {
      return error_code::unknown_member_id;
    }
    if (current->id != member_id) {
      return error_code::fenced_instance_id;
    }
  }
  return group.find(member_id) == nullptr ? error_code::unknown_member_id : error_code::none;
}

// And ILLEGAL_GENERATION for any generation but the group's.
inline error_code validate_member(const group& group, std::string_view member_id,
                                  std::optional<std::string_view> instance_id,
                                  std::int32_t generation) {
  const error_code code = validate_member(group, member_id, instance_id);
  return code == error_code::none && generation != group.generation()
             ? error_code::illegal_generation
             : code;
}

}  // namespace barnabas::group
