// How long the calling shard's thread has worked: processor time, to the nanosecond. For accounting
// of what somebody's work costs; deadlines use shard::now(). Stands still in a simulated world,
// where work takes no time.
#pragma once

#include "runtime/time.h"

namespace barnabas::runtime {

duration work_time();

}  // namespace barnabas::runtime
