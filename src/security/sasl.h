// SASL: one authentication as a state machine, for either side, that turns the other's message into
// the next. It knows no connection and no clock. PLAIN (RFC 4616) and OAUTHBEARER (RFC 7628) are
// here, SCRAM is in scram_exchange.h.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace barnabas::security {

class sasl_client {
 public:
  virtual ~sasl_client() = default;
  virtual std::string_view mechanism() const = 0;
  // The message to send, after the server's; the first one answers "". sasl_authentication_failed
  // says what was wrong with what the server said.
  virtual result<std::string> respond(std::string_view challenge) = 0;
  // All is said that this side has to say, and the server has proven what it must.
  virtual bool is_done() const = 0;
};

class sasl_server {
 public:
  virtual ~sasl_server() = default;
  // The message to send, after the client's. sasl_authentication_failed: the client is not who it
  // says it is, or the message is malformed; the text is fit for the client.
  virtual result<std::string> respond(std::string_view message) = 0;
  virtual bool is_done() const = 0;
  // Who the client is, once it is done.
  virtual const std::string& user() const = 0;
};

std::unique_ptr<sasl_client> make_plain_client(std::string user, std::string password);
// `is_right` is asked for a user and a password.
std::unique_ptr<sasl_server> make_plain_server(
    std::function<bool(std::string_view, std::string_view)> is_right);

// A token and what the client may say beside it (KIP-342).
struct bearer_token {
  std::string value;
  std::map<std::string, std::string> extensions;
};
std::unique_ptr<sasl_client> make_bearer_client(bearer_token token);

// A token that nobody has signed (RFC 7515, appendix A.5), for tests and development: "sub" is the
// principal, valid from now on. `scope` may be empty.
std::string unsecured_token(std::string_view principal, std::string_view scope,
                            std::int64_t wall_clock_ms, std::int64_t lifetime_s);

}  // namespace barnabas::security
