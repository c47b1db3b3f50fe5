// Transactions: what their coordinators know of them, and how one that hangs is ended (KIP-664).
#pragma once

#include <barnabas/admin/transactions.h>
#include "client/each_call.h"

namespace barnabas::client {

// By broker.
answer_to<kafka::each<std::int32_t, std::vector<kafka::transaction_listing>>> list_transactions(
    cluster& cluster, const kafka::transaction_filter& filter);
answer_to<kafka::each<std::string, kafka::transaction_description>> describe_transactions(
    cluster& cluster, const std::vector<std::string>& transactional_ids);
// On one partition, at its leader.
answer_to<void> abort_transaction(cluster& cluster, const kafka::open_transaction& transaction);
// Ends what their producers have under way, and shuts these out.
answer_to<kafka::each<std::string, kafka::fenced_producer>> fence_producers(
    cluster& cluster, const std::vector<std::string>& transactional_ids);

}  // namespace barnabas::client
