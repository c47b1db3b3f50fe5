// Base64 (RFC 4648): the standard alphabet with padding, and the one for URLs without. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace barnabas::security {

std::string to_base64(std::string_view bytes);
std::string to_base64_url(std::string_view bytes);
// Of their alphabets; nothing when it is anything else.
std::optional<std::string> from_base64(std::string_view text);
std::optional<std::string> from_base64_url(std::string_view text);

}  // namespace barnabas::security
