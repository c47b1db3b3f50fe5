// Credentials that a program makes itself while it runs.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "barnabas/export.h"
#include "barnabas/result.h"

namespace barnabas::kafka {

// For SASL OAUTHBEARER (RFC 7628, KIP-255).
struct bearer_token {
  std::string value;
  std::map<std::string, std::string> extensions = {};  // KIP-342
};

// Asked for each authentication, also of connections that are open (KIP-368), on a thread of the
// library where it may take its time. It lives as long as the process.
using token_source = std::function<result<bearer_token>()>;

// Clients that are opened from now on with sasl.oauthbearer.token.source=NAME ask this one. Any
// thread may call it; a later one of the same name takes its place.
BARNABAS_API void set_token_source(const std::string& name, token_source source);

}  // namespace barnabas::kafka
