#include "broker/handlers/join_group.h"

#include "broker/encode.h"
#include "protocol/messages/join_group_response.h"

namespace barnabas::broker::handlers {
namespace {

constexpr std::int16_t first_version_with_nullable_protocol = 7;

// Views into the answer.
protocol::join_group_response response_of(const group::join_answer& answer, std::int16_t version) {
  protocol::join_group_response out;
  out.error_code = answer.error;
  out.generation_id = answer.generation;
  out.protocol_type = answer.protocol_type;
  out.protocol_name = answer.protocol_name;
  if (!out.protocol_name && version < first_version_with_nullable_protocol) {
    out.protocol_name = "";
  }
  out.leader = answer.leader;
  out.skip_assignment = answer.skip_assignment;
  out.member_id = answer.member_id;
  out.members.reserve(answer.members.size());
  for (const group::joined_member& each : answer.members) {
    out.members.push_back({each.id, each.instance_id, each.metadata.view()});
  }
  return out;
}

}  // namespace

pending_reply join_group(group_services services, request request,
                         protocol::join_group_request message) {
  runtime::shard& here = runtime::shard::current();
  const std::string client_host = "/" + request.connection->peer_address;
  const group::join_caller caller{request.version, request.client_id, client_host,
                                  uuid::from_random(here.random(), here.random())};
  auto answer = co_await services.groups.call<group::join_answer>(
      message.group_id,
      [&](group::machine& machine, group_moment now, group_effects& out,
          group_reply<group::join_answer> to) {
        machine.join(message, caller, now, out, std::move(to));
      },
      until_closed(request));
  if (!answer) {
    group::join_answer failed;
    failed.error = code_of(answer.error());
    failed.member_id = message.member_id;
    answer = std::move(failed);
  }
  co_return encode_reply(request, response_of(*answer, request.version));
}

}  // namespace barnabas::broker::handlers
