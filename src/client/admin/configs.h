// Settings of resources: described, changed, listed. Brokers and their loggers are asked about
// themselves, all else any broker knows.
#pragma once

#include <barnabas/admin/configs.h>
#include "client/each_call.h"

namespace barnabas::client {

answer_to<kafka::each<kafka::resource, std::vector<kafka::config_entry>>> describe_configs(
    cluster& cluster, const std::vector<kafka::resource>& resources);
answer_to<kafka::each<kafka::resource>> alter_configs(
    cluster& cluster, const std::map<kafka::resource, std::vector<kafka::config_change>>& changes,
    bool validates_only);
// Those that have settings; of all types when there is none in `types`.
answer_to<std::vector<kafka::resource>> list_config_resources(
    cluster& cluster, const std::vector<kafka::resource_type>& types);

}  // namespace barnabas::client
