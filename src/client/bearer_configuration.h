// What the settings of OAUTHBEARER mean: where its tokens come from. That is a function of the
// program, an endpoint of OAuth 2.0 over HTTP, or, unsecured, the settings themselves.
#pragma once

#include <optional>

#include "client/login_module.h"
#include "client/setting_values.h"
#include "client/token_endpoint.h"
#include "rpc/authentication.h"

namespace barnabas::client {

// Sets sasl.token, or `tokens`, for which the client sets sasl.fetch_token when it knows its world.
// invalid_config names the setting and what is wrong.
result<> set_token(const setting_values& values, const login_module& login,
                   rpc::sasl_settings& sasl, std::optional<token_endpoint>& tokens);

}  // namespace barnabas::client
