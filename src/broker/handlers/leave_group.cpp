#include "broker/handlers/leave_group.h"

#include "broker/encode.h"
#include "protocol/messages/leave_group_response.h"

namespace barnabas::broker::handlers {
namespace {

constexpr std::int16_t first_version_with_members = 3;

runtime::task<result<std::vector<error_code>>> ask(const group_services& services,
                                                   const request& request,
                                                   const protocol::leave_group_request& message) {
  if (message.group_id.empty()) {
    co_return fail(error_code::invalid_group_id);
  }
  co_return co_await services.groups.call<std::vector<error_code>>(
      message.group_id,
      [&](group::machine& machine, group_moment now, group_effects& out,
          group_reply<std::vector<error_code>> to) {
        machine.leave(message, now, out, std::move(to));
      },
      until_written(services, request));
}

}  // namespace

pending_reply leave_group(group_services services, request request,
                          protocol::leave_group_request message) {
  const bool has_members = request.version >= first_version_with_members;
  if (!has_members) {
    message.members.push_back({message.member_id, std::nullopt, std::nullopt});
  }
  const auto codes = co_await ask(services, request, message);
  protocol::leave_group_response response;
  if (!codes) {
    response.error_code = code_of(codes.error());
  } else if (!has_members) {
    response.error_code = codes->front();
  } else {
    for (std::size_t i = 0; i < codes->size(); ++i) {
      response.members.push_back(
          {message.members[i].member_id, message.members[i].group_instance_id, (*codes)[i]});
    }
  }
  co_return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
