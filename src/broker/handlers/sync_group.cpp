#include "broker/handlers/sync_group.h"

#include "broker/encode.h"
#include "protocol/messages/sync_group_response.h"

namespace barnabas::broker::handlers {
namespace {

constexpr std::int16_t first_version_with_protocol = 5;

runtime::task<group::sync_answer> ask(const group_services& services, const request& request,
                                      const protocol::sync_group_request& message) {
  if (request.version >= first_version_with_protocol &&
      (!message.protocol_type || !message.protocol_name)) {
    co_return group::sync_answer{.error = error_code::inconsistent_group_protocol};
  }
  auto answer = co_await services.groups.call<group::sync_answer>(
      message.group_id,
      [&](group::machine& machine, group_moment now, group_effects& out,
          group_reply<group::sync_answer> to) { machine.sync(message, now, out, std::move(to)); },
      until_closed(request));
  if (answer) {
    co_return std::move(*answer);
  }
  const error_code code = code_of(answer.error());
  co_return group::sync_answer{.error = code == error_code::coordinator_load_in_progress
                                            ? error_code::rebalance_in_progress
                                            : code};
}

}  // namespace

pending_reply sync_group(group_services services, request request,
                         protocol::sync_group_request message) {
  const group::sync_answer answer = co_await ask(services, request, message);
  protocol::sync_group_response response;
  response.error_code = answer.error;
  response.protocol_type = answer.protocol_type;
  response.protocol_name = answer.protocol_name;
  response.assignment = answer.assignment.view();
  co_return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
