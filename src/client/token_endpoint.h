// Where tokens for OAUTHBEARER come from by the client credentials grant of OAuth 2.0 (RFC 6749,
// 4.4; KIP-768): an address of HTTP that gives one for an id and a secret.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "http/client.h"
#include "runtime/time.h"
#include "security/sasl.h"
#include "security/tls_settings.h"

namespace barnabas::client {

struct token_endpoint {
  http::url at;
  std::string client_id;
  std::string client_secret;
  std::string scope = {};            // empty: the server's choice
  bool encodes_credentials = false;  // as RFC 6749, 2.3.1 says and few servers want
  std::map<std::string, std::string> extensions = {};  // that the broker gets beside (KIP-342)
  security::tls_settings tls = {};                     // of https
};

struct issued_token {
  security::bearer_token token;
  runtime::duration life{};  // from when it was answered
};

// What is sent to the endpoint.
http::request token_request(const token_endpoint& to);
// What its answer says. sasl_authentication_failed, when another attempt can only come to the same:
// it refused, in its own words, or what it gave is no token; network_exception when it has trouble
// (408, 429, 500 and above).
result<issued_token> read_token(const token_endpoint& from, const http::answer& answer,
                                std::int64_t wall_clock_ms);

}  // namespace barnabas::client
