// Makes known to a broker who the client is: SaslHandshake, then the mechanism's messages in
// SaslAuthenticate (KIP-152), again before the broker's patience ends (KIP-368).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "rpc/connection.h"
#include "security/sasl.h"

namespace barnabas::rpc {

struct sasl_settings {
  std::string mechanism;  // PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER
  std::string user;
  std::string password;
  // Of SCRAM: user and password are the id and the secret of a delegation token (KIP-48).
  bool is_delegation_token = false;
  // Of OAUTHBEARER, asked for each authentication. May block: it runs on a file thread.
  std::function<result<security::bearer_token>(std::int64_t wall_clock_ms)> token;
  // In its place, where that is set: waits on the connection's shard, until the deadline.
  std::function<runtime::task<result<security::bearer_token>>(runtime::steady_time deadline)>
      fetch_token;
};

// Returns for how long the broker takes the connection, zero for ever. sasl_authentication_failed
// has the broker's own words.
runtime::task<result<runtime::duration>> authenticate(connection& with,
                                                      const sasl_settings& settings,
                                                      runtime::steady_time deadline);

// Authenticates again before `session` is over, and so on until the connection ends. Other requests
// wait meanwhile, each time for at most `patience`; when it fails, the connection ends.
runtime::task<> keep_authenticated(std::shared_ptr<connection> with,
                                   std::shared_ptr<const sasl_settings> settings,
                                   runtime::duration session, runtime::duration patience);

}  // namespace barnabas::rpc
