// What AlterConfigs and IncrementalAlterConfigs have in common: from the resources of a request to
// the controller, which keeps settings, or to the loggers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"

namespace barnabas::broker::handlers {

// One resource of a request.
struct asked_alteration {
  std::int8_t type = 0;  // a config_resource, if it is one
  std::string name;
  std::vector<cluster::config_edit> edits;
  bool replaces_all = false;
};

// One answer each, in order. INVALID_REQUEST for a resource that is named twice, and for a kind
// that has no settings here.
runtime::task<std::vector<result<>>> alter_settings(metadata_services services,
                                                    std::vector<asked_alteration> asked,
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
