#include "broker/handlers/scram_text.h"

#include <charconv>

#include "base/bytes.h"
#include "protocol/json.h"

namespace barnabas::broker::handlers {
namespace {

constexpr std::string_view iterations_key = "iterations=";

}  // namespace

std::string scram_text(const security::scram_credential& credential) {
  std::string text = "salt=";
  protocol::append_base64(text, as_bytes(credential.salt));
  text += ",stored_key=";
  protocol::append_base64(text, as_bytes(credential.stored_key));
  text += ",server_key=";
  protocol::append_base64(text, as_bytes(credential.server_key));
  return text.append(",").append(iterations_key).append(std::to_string(credential.iterations));
}

std::int32_t iterations_in(std::string_view text) {
  std::int32_t iterations = 0;
  const auto at = text.rfind(iterations_key);
  if (at != std::string_view::npos) {
    const std::string_view number = text.substr(at + iterations_key.size());
    std::from_chars(number.data(), number.data() + number.size(), iterations);
  }
  return iterations;
}

}  // namespace barnabas::broker::handlers
