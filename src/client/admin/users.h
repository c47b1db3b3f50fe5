// Users of SASL/SCRAM: any broker knows them, the controller changes them.
#pragma once

#include <barnabas/admin/security.h>
#include "client/each_call.h"

namespace barnabas::client {

// Of all users when none is named.
answer_to<kafka::each<std::string, std::vector<kafka::scram_credential_info>>>
describe_user_scram_credentials(cluster& cluster, const std::vector<std::string>& users);
answer_to<kafka::each<std::string>> alter_user_scram_credentials(
    cluster& cluster, const std::map<std::string, std::vector<kafka::scram_change>>& changes);

}  // namespace barnabas::client
