// An address of HTTP: scheme://host[:port][/path][?query] (RFC 3986). A value.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/socket.h"

namespace barnabas::http {

struct url {
  bool is_secure = false;  // https
  runtime::endpoint at;
  std::string target = "/";  // path and query, as they are sent

  // invalid_request says what is wrong: another scheme, no host, user and password, a bad port,
  // characters that an address cannot have.
  static result<url> parse(std::string_view text);
  // Without query.
  std::string text() const;
};

}  // namespace barnabas::http
