#include "client/admin/groups.h"

#include "protocol/messages/delete_groups_request.h"
#include "protocol/messages/delete_groups_response.h"
#include "protocol/messages/leave_group_request.h"
#include "protocol/messages/leave_group_response.h"
#include "protocol/messages/list_groups_request.h"
#include "protocol/messages/list_groups_response.h"

namespace barnabas::client {
namespace {

using kafka::each;
using kafka::member_name;

// LeaveGroup takes members since then, and the reason of each later.
constexpr std::int16_t first_with_members = 3;
constexpr std::int16_t first_with_reason = 5;

answer_to<each<member_name>> remove_members(cluster& cluster, const std::string& group,
                                            std::vector<member_name> members,
                                            const std::string& reason) {
  call_about<protocol::leave_group_request, protocol::leave_group_response, member_name> call{
      .keys = std::move(members), .lowest = first_with_members};
  call.route = [&group](const member_name&) { return to_coordinator(group); };
  call.request = [&](const std::vector<member_name>& some, const request_terms& terms) {
    protocol::leave_group_request request;
    request.group_id = group;
    for (const member_name& member : some) {
      auto& leaving = request.members.emplace_back();
      leaving.member_id = member.id;
      leaving.group_instance_id = member.instance_id;
      if (terms.version >= first_with_reason) {
        leaving.reason = reason;
      }
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& member : said.members) {
      told.tell(member_name{std::string(member.member_id), text_of(member.group_instance_id)},
                outcome_of(member));
    }
  };
  co_return co_await ask_each(cluster, std::move(call));
}

}  // namespace

answer_to<each<std::int32_t, std::vector<kafka::group_listing>>> list_groups(
    cluster& cluster, const kafka::group_filter& filter) {
  const auto brokers = co_await all_brokers(cluster);
  if (!brokers) {
    co_return public_error(brokers.error());
  }
  call_about<protocol::list_groups_request, protocol::list_groups_response, std::int32_t,
             std::vector<kafka::group_listing>>
      call{.keys = *brokers, .route = to_broker};
  call.request = [&filter](const auto&, const request_terms&) {
    protocol::list_groups_request request;
    request.states_filter.assign(filter.states.begin(), filter.states.end());
    request.types_filter.assign(filter.types.begin(), filter.types.end());
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    std::vector<kafka::group_listing> groups;
    for (const auto& group : said.groups) {
      groups.push_back({std::string(group.group_id), std::string(group.protocol_type),
                        std::string(group.group_state), std::string(group.group_type)});
    }
    told.tell_only(std::move(groups));
  };
  co_return co_await ask_each(cluster, std::move(call));
}

answer_to<each<std::string>> delete_groups(cluster& cluster,
                                           const std::vector<std::string>& groups) {
  call_about<protocol::delete_groups_request, protocol::delete_groups_response, std::string> call{
      .keys = groups, .route = to_coordinator};
  call.request = [](const std::vector<std::string>& some, const request_terms&) {
    protocol::delete_groups_request request;
    request.groups_names.assign(some.begin(), some.end());
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& group : said.results) {
      told.tell(group.group_id, outcome_of(group));
    }
  };
  return ask_each(cluster, std::move(call));
}

answer_to<each<member_name>> remove_group_members(cluster& cluster, const std::string& group,
                                                  const std::vector<member_name>& members,
                                                  const std::string& reason) {
  std::vector<member_name> leaving = members;
  if (leaving.empty()) {
    const auto described = co_await describe_classic_groups(cluster, {group}, false);
    if (!described) {
      co_return described.error();
    }
    const auto& found = described->at(group);
    if (!found) {
      co_return found.error();
    }
    for (const kafka::group_member& member : found->members) {
      leaving.push_back({member.instance_id ? "" : member.id, member.instance_id});
    }
  }
  co_return co_await remove_members(cluster, group, std::move(leaving), reason);
}

}  // namespace barnabas::client
