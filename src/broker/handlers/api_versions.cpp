#include "broker/handlers/api_versions.h"

#include <algorithm>

#include "broker/encode.h"

namespace barnabas::broker::handlers {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_software_name(std::string_view text) {
  return !text.empty() && is_letter_or_digit(text.front()) && is_letter_or_digit(text.back()) &&
         std::ranges::all_of(text,
                             [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

protocol::api_versions_response::api_version row(const api& api) {
  return {.api_key = static_cast<std::int16_t>(api.key),
          .min_version = api.lowest_advertised,
          .max_version = api.highest_version};
}

}  // namespace

protocol::api_versions_response api_versions(const api_table& apis, const request& request,
                                             const protocol::api_versions_request& message) {
  protocol::api_versions_response response;
  if (request.version >= 3) {
    if (!is_software_name(message.client_software_name) ||
        !is_software_name(message.client_software_version)) {
      response.error_code = error_code::invalid_request;
      return response;
    }
    request.connection->client_software_name = message.client_software_name;
    request.connection->client_software_version = message.client_software_version;
  }
  for (const api& api : apis.rows()) {
    response.api_keys.push_back(row(api));
  }
  return response;
}

reply unsupported_api_versions(const api& api_versions, request request) {
  request.version = 0;
  protocol::api_versions_response response;
  response.error_code = error_code::unsupported_version;
  response.api_keys.push_back(row(api_versions));
  return encode_reply(request, response);
}

}  // namespace barnabas::broker::handlers
