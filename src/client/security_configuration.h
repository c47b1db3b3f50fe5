// What the settings of TLS and SASL mean: the stores they name, and who the client is.
#pragma once

#include <memory>
#include <optional>

#include "client/setting_values.h"
#include "client/token_endpoint.h"
#include "rpc/authentication.h"
#include "security/tls_settings.h"

namespace barnabas::client {

struct security_configuration {
  std::optional<security::tls_settings> tls;       // nothing: plaintext
  std::shared_ptr<const rpc::sasl_settings> sasl;  // null: none
  std::optional<token_endpoint> tokens;            // where OAUTHBEARER has its tokens from
};

// invalid_config names the setting and what is wrong.
result<security_configuration> make_security_configuration(const setting_values& values);

}  // namespace barnabas::client
