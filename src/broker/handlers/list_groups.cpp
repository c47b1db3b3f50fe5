#include "broker/handlers/list_groups.h"

#include <algorithm>

#include "broker/encode.h"
#include "protocol/messages/list_groups_response.h"

namespace barnabas::broker::handlers {
namespace {

constexpr std::string_view classic = "classic";

bool is_same_word(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

bool passes(const std::vector<std::string_view>& filter, std::string_view word) {
  return filter.empty() || std::ranges::any_of(filter, [word](std::string_view each) {
           return is_same_word(each, word);
         });
}

}  // namespace

pending_reply list_groups(group_services services, request request,
                          protocol::list_groups_request message) {
  using listed = std::vector<group::listed_group>;
  const auto all = co_await services.groups.for_all<listed>(
      [](group::machine& machine, group_moment now, group_effects& out, group_reply<listed> to) {
        machine.list_groups(now, out, std::move(to));
      },
      until_written(services));
  protocol::list_groups_response response;
  for (const result<listed>& part : all) {
    if (!part) {
      response.error_code = code_of(part.error());
      continue;
    }
    for (const group::listed_group& each : *part) {
      if (passes(message.states_filter, group::state_name(each.state)) &&
          passes(message.types_filter, classic)) {
        response.groups.push_back(
            {each.id, each.protocol_type, group::state_name(each.state), classic});
      }
    }
  }
  co_return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
