#include "broker/handlers/describe_groups.h"

#include <fmt/format.h>

#include <list>

#include "broker/encode.h"
#include "protocol/messages/describe_groups_response.h"
#include "runtime/task_group.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::describe_groups_response;

constexpr std::int16_t first_version_with_not_found = 6;

runtime::task<result<group::described_group>> ask(group_services services, std::string_view id) {
  return services.groups.call<group::described_group>(
      id,
      [id](group::machine& machine, group_moment now, group_effects& out,
           group_reply<group::described_group> to) {
        machine.describe_group(id, now, out, std::move(to));
      },
      until_written(services));
}

void show(const group::described_group& found, describe_groups_response::described_group& out) {
  out.group_state = group::state_name(found.state);
  out.protocol_type = found.protocol_type;
  out.protocol_data = found.protocol_name;
  out.members.reserve(found.members.size());
  for (const group::described_member& each : found.members) {
    auto& member = out.members.emplace_back();
    member.member_id = each.id;
    member.group_instance_id = each.instance_id;
    member.client_id = each.client_id;
    member.client_host = each.client_host;
    member.member_metadata = each.metadata.view();
    member.member_assignment = each.assignment.view();
  }
}

}  // namespace

pending_reply describe_groups(group_services services, request request,
                              protocol::describe_groups_request message) {
  std::vector<runtime::task<result<group::described_group>>> calls;
  for (const std::string_view id : message.groups) {
    calls.push_back(ask(services, id));
  }
  std::vector<result<group::described_group>> found;
  if (!calls.empty()) {
    found = co_await runtime::when_all(std::move(calls));
  }
  describe_groups_response response;
  std::list<std::string> texts;
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto& out = response.groups.emplace_back();
    out.group_id = message.groups[i];
    if (!found[i]) {
      out.error_code = code_of(found[i].error());
      continue;
    }
    show(*found[i], out);
    if (found[i]->state == group::group_state::dead &&
        request.version >= first_version_with_not_found) {
      out.error_code = error_code::group_id_not_found;
      out.error_message = texts.emplace_back(fmt::format("Group {} not found.", out.group_id));
    } else if (message.include_authorized_operations) {
      out.authorized_operations = all_group_operations;
    }
  }
  co_return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
