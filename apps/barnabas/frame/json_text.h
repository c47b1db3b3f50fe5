// JSON and base64 beyond what protocol/json.h has: bytes that may be text or not, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace barnabas::app {

bool is_utf8(std::string_view text);
// In quotes; bytes that are not UTF-8 become U+FFFD.
std::string json_of(std::string_view text);
// For a table or a message: control characters and bytes that are not UTF-8 become U+FFFD.
std::string printable(std::string_view text);
// Appends "name":"text", "name_base64":"..." when it is not UTF-8, or "name":null.
void append_bytes_member(std::string& to, std::string_view name,
                         const std::optional<std::string_view>& bytes);
// RFC 4648 section 4, padding included; nothing when it is not that.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace barnabas::app
