// The cluster itself: who its brokers are.
#pragma once

#include <barnabas/admin/cluster.h>
#include "client/each_call.h"

namespace barnabas::client {

answer_to<kafka::cluster_description> describe_cluster(cluster& cluster);

}  // namespace barnabas::client
