// What a request to alter settings comes to, decided from the settings that stand there.
#pragma once

#include "base/result.h"
#include "cluster/image.h"
#include "cluster/topics.h"

namespace barnabas::cluster::detail {

// The overrides after the change, validated. INVALID_REQUEST: a key twice, a value missing;
// INVALID_CONFIG: append to or subtract from what is not a list, and whatever the tables refuse.
result<overrides> plan_overrides(const overrides& now, const config_change& change);

// Its name in the image; "<default>" for all brokers.
std::string key_of(const config_change& change);
// "topics/NAME", "groups/NAME", "brokers/ID" or "brokers/<default>".
std::string entity_of(const config_change& change);

}  // namespace barnabas::cluster::detail
