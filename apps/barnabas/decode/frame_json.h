// Kafka's bytes as JSON: requests and responses with their headers, single messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "frame/failure.h"
#include "protocol/api_keys.h"

namespace barnabas::app {

// {"api":"Fetch","version":12,"header":{...},"body":{...}}. Without the length before it.
outcome<std::string> request_json(bytes_view frame);
outcome<std::string> response_json(const protocol::api& api, std::int16_t version,
                                   bytes_view frame);
// A message by Kafka's name, as in OffsetCommitValue.
outcome<std::string> message_json(const std::string& name, std::int16_t version, bytes_view bytes);

// By its name ("Fetch", "fetch") or key ("1").
outcome<const protocol::api*> find_api(std::string_view text);

// Digits of bytes, with blanks, line feeds, colons and 0x between them as one likes.
outcome<std::string> from_hex(std::string_view text);

}  // namespace barnabas::app
