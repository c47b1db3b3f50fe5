// Quotas of clients. Any broker knows and changes them.
#pragma once

#include <barnabas/admin/quotas.h>
#include "client/each_call.h"

namespace barnabas::client {

answer_to<std::map<kafka::quota_entity, kafka::quota_values>> describe_client_quotas(
    cluster& cluster, const kafka::quota_filter& filter);
answer_to<kafka::each<kafka::quota_entity>> alter_client_quotas(
    cluster& cluster, const std::map<kafka::quota_entity, kafka::quota_changes>& changes,
    bool validates_only);

}  // namespace barnabas::client
