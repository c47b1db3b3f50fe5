#pragma once

#include <map>

#include "security/detail/openssl.h"
#include "security/tls_context.h"

namespace barnabas::security::detail {

struct tls_state {
  context_ptr context;
  tls_role role = tls_role::client;
  tls_settings settings;  // without the content of stores
  bool has_certificate = false;
  std::map<std::string, session_ptr> sessions;  // of a client, by host and port
};

}  // namespace barnabas::security::detail
