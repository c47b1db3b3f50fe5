// What AlterConfigs and IncrementalAlterConfigs have in common: the kinds of resources, and the way
// to the controller.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"

namespace barnabas::broker::handlers {

// ConfigResource.Type of the protocol.
inline constexpr std::int8_t topic_resource = 2;
inline constexpr std::int8_t broker_resource = 4;

// One resource of a request: a change, or why there can be none.
using asked_change = result<cluster::config_change>;

// A change without edits, or INVALID_REQUEST for a kind of resource that has no settings here.
asked_change change_of(std::int8_t resource_type, std::string_view name);

// One answer a change, in order.
runtime::task<std::vector<result<>>> alter_settings(metadata_services services,
                                                    std::vector<asked_change> changes,
                                                    bool validate_only);

// The answers of both APIs have the same fields.
template <class Response, class Request>
owned_response<Response> alter_answers(const Request& message,
                                       const std::vector<result<>>& outcomes) {
  const auto keeps = std::make_shared<response_texts>();
  Response out;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    auto& one = out.responses.emplace_back();
    one.resource_type = message.resources[i].resource_type;
    one.resource_name = message.resources[i].resource_name;
    one.error_message = std::nullopt;
    if (!outcomes[i]) {
      one.error_code = outcomes[i].error().code;
      one.error_message = keeps->keep(outcomes[i].error().message);
    }
  }
  return {std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
