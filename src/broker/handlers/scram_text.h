// SCRAM credentials as Kafka 3.9 keeps them in a user's node:
//   "salt=" base64 ",stored_key=" base64 ",server_key=" base64 ",iterations=" number
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "security/scram.h"

namespace barnabas::broker::handlers {

std::string scram_text(const security::scram_credential& credential);
// 0 when it says none.
std::int32_t iterations_in(std::string_view text);

}  // namespace barnabas::broker::handlers
