// One trial of groups: a broker and members in a simulated world, disturbed as the plan says,
// healed until every group has settled, restarted, and asked for the committed offsets. The same
// seed takes the same steps.
#pragma once

#include <cstdint>

#include "run_trial.h"

namespace barnabas::trial {

outcome run_group_trial(std::uint64_t seed, bool tells);

}  // namespace barnabas::trial
