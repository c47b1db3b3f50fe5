// Access control lists. Any broker knows and changes them.
#pragma once

#include <barnabas/admin/security.h>
#include "client/each_call.h"

namespace barnabas::client {

answer_to<std::vector<kafka::acl_binding>> describe_acls(cluster& cluster,
                                                         const kafka::acl_filter& filter);
answer_to<kafka::each<kafka::acl_binding>> create_acls(
    cluster& cluster, const std::vector<kafka::acl_binding>& bindings);
// Of each filter, what it deleted and what it could not.
answer_to<kafka::each<kafka::acl_filter, kafka::each<kafka::acl_binding>>> delete_acls(
    cluster& cluster, const std::vector<kafka::acl_filter>& filters);

}  // namespace barnabas::client
