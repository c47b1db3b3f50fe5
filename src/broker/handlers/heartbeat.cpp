#include "broker/handlers/heartbeat.h"

#include "broker/encode.h"
#include "protocol/messages/heartbeat_response.h"

namespace barnabas::broker::handlers {

pending_reply heartbeat(group_services services, request request,
                        protocol::heartbeat_request message) {
  const auto answer = co_await services.groups.call<error_code>(
      message.group_id,
      [&](group::machine& machine, group_moment now, group_effects& out,
          group_reply<error_code> to) { machine.heartbeat(message, now, out, std::move(to)); },
      until_written(services, request));
  protocol::heartbeat_response response;
  response.error_code = answer ? *answer : code_of(answer.error());
  if (response.error_code == error_code::coordinator_load_in_progress) {
    response.error_code = error_code::none;
  }
  co_return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
