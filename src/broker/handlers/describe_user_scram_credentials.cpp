#include "broker/handlers/describe_user_scram_credentials.h"

#include <fmt/format.h>

#include <map>

#include "broker/handlers/scram_text.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::describe_user_scram_credentials_request;
using protocol::describe_user_scram_credentials_response;
using described_user =
    describe_user_scram_credentials_response::describe_user_scram_credentials_result;

void show_credentials(const cluster::overrides& node, described_user& out) {
  for (const auto mechanism : security::scram_mechanisms) {
    const auto found = node.find(security::name_of(mechanism));
    if (found != node.end()) {
      out.credential_infos.push_back({.mechanism = static_cast<std::int8_t>(mechanism),
                                      .iterations = iterations_in(found->second)});
    }
  }
}

void refuse(error_code code, std::string_view why, described_user& out) {
  out.error_code = code;
  out.error_message = why;
}

// With how often each is named.
std::map<std::string, int, std::less<>> asked_users(
    const describe_user_scram_credentials_request& message) {
  std::map<std::string, int, std::less<>> names;
  if (message.users) {
    for (const auto& user : *message.users) {
      ++names[std::string(user.name)];
    }
  }
  return names;
}

}  // namespace

runtime::task<owned_response<describe_user_scram_credentials_response>>
describe_user_scram_credentials(metadata_services services,
                                describe_user_scram_credentials_request message) {
  const auto keeps = std::make_shared<response_texts>();
  describe_user_scram_credentials_response out;
  out.error_message = "";  // as Kafka says it, not null
  const auto users = co_await ask_controller(
      services, [](cluster::controller& controller) { return controller.read_users(); });
  if (!users) {
    out.error_code = users.error().code;
    out.error_message = keeps->keep(users.error().message);
    co_return owned_response<describe_user_scram_credentials_response>{std::move(out), keeps};
  }
  auto asked = asked_users(message);
  const bool are_all = asked.empty();
  for (const auto& [name, node] : *users) {
    if (are_all) {
      asked.emplace(name, 1);
    }
  }
  for (const auto& [name, times] : asked) {
    described_user one;
    one.error_message = "";
    one.user = keeps->keep(name);
    const auto found = users->find(name);
    if (found != users->end() && times == 1) {
      show_credentials(found->second, one);
    }
    if (times > 1) {
      refuse(error_code::duplicate_resource,
             keeps->keep(fmt::format("user '{}' is named twice", name)), one);
    } else if (one.credential_infos.empty() && are_all) {
      continue;
    } else if (one.credential_infos.empty()) {
      refuse(error_code::resource_not_found,
             keeps->keep(fmt::format("user '{}' has no SCRAM credential", name)), one);
    }
    out.results.push_back(std::move(one));
  }
  co_return owned_response<describe_user_scram_credentials_response>{std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
