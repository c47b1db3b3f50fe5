// Delegation tokens. Any broker makes, knows and ends them.
#pragma once

#include <barnabas/admin/security.h>
#include "client/each_call.h"

namespace barnabas::client {

answer_to<kafka::delegation_token> create_delegation_token(
    cluster& cluster, const kafka::new_delegation_token& wanted);
// When the token then ends, in ms since 1970; a period of -1 is the brokers' setting.
answer_to<std::int64_t> renew_delegation_token(cluster& cluster, const std::string& hmac,
                                               std::int64_t period_ms);
// At once with a negative period.
answer_to<std::int64_t> expire_delegation_token(cluster& cluster, const std::string& hmac,
                                                std::int64_t period_ms);
// Of all owners when none is named.
answer_to<std::vector<kafka::delegation_token>> describe_delegation_tokens(
    cluster& cluster, const std::vector<kafka::principal_name>& owners);

}  // namespace barnabas::client
