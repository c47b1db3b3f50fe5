// The coordinator of consumer groups and their offsets, as handlers see it: group::machine over the
// partitions of __consumer_offsets. The key is the group id.
#pragma once

#include "broker/coordinator_service.h"

namespace barnabas::group {
class machine;
}

namespace barnabas::broker {

using group_service = coordinator_service<group::machine>;

}  // namespace barnabas::broker
