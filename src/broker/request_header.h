// The head of a request, and of its answer (KIP-482 for the flexible versions):
//   request  := api_key:int16 api_version:int16 correlation_id:int32 [client_id:nullable_string
//   [tags]] response := correlation_id:int32 [tags]
// client_id is missing only in ControlledShutdown 0; tags are there when the message's version is
// flexible, but never in the response of ApiVersions, which a client reads before it knows which
// versions it may use.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "protocol/api_keys.h"

namespace barnabas::broker {

struct request_header {
  std::int16_t api_key = 0;
  std::int16_t api_version = 0;
  std::int32_t correlation_id = 0;
  std::string_view client_id;  // a view into the frame; empty when null
  std::size_t size_bytes = 0;  // where the body begins
};

// INVALID_REQUEST when the frame ends inside the header or its client id is not one. The version
// decides how the header looks; for a key or version outside the protocol only the first three
// fields are read.
result<request_header> read_request_header(bytes_view frame);

}  // namespace barnabas::broker
