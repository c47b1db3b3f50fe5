// What a request to alter quotas comes to, decided from what stands in the entity's node.
#pragma once

#include "base/result.h"
#include "cluster/image.h"
#include "cluster/quotas.h"

namespace barnabas::cluster::detail {

// The node's content after the change. What is no quota (a user's SCRAM credentials stand in the
// same node) stays. INVALID_REQUEST: a key twice, one to be set that the entity does not have, a
// value that is not positive, a fraction or too large where Kafka keeps a whole number.
result<overrides> plan_quotas(const overrides& now, const quota_change& change);

// The quotas among a node's content. A value that is not a number is none; `bad_key` is then the
// last such key.
quota_values quota_values_of(const overrides& node, std::string& bad_key);

}  // namespace barnabas::cluster::detail
