#include "broker/handlers/delete_groups.h"

#include "broker/encode.h"
#include "protocol/messages/delete_groups_response.h"
#include "runtime/task_group.h"

namespace barnabas::broker::handlers {
namespace {

// A call deletes as much as one batch takes; the last one deletes the group.
runtime::task<error_code> delete_one(group_services services, std::string_view id) {
  for (;;) {
    const auto deleted = co_await services.groups.call<group::deleted_group>(
        id,
        [id](group::machine& machine, group_moment now, group_effects& out,
             group_reply<group::deleted_group> to) {
          machine.delete_group(id, now, out, std::move(to));
        },
        until_written(services));
    if (!deleted) {
      co_return code_of(deleted.error());
    }
    if (!deleted->has_more) {
      co_return deleted->error;
    }
  }
}

}  // namespace

pending_reply delete_groups(group_services services, request request,
                            protocol::delete_groups_request message) {
  std::vector<runtime::task<error_code>> calls;
  for (const std::string_view id : message.groups_names) {
    calls.push_back(delete_one(services, id));
  }
  std::vector<error_code> codes;
  if (!calls.empty()) {
    codes = co_await runtime::when_all(std::move(calls));
  }
  protocol::delete_groups_response response;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    response.results.push_back({message.groups_names[i], codes[i]});
  }
  co_return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
