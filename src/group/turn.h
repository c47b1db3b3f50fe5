// What one call of the machine works with. Lives for the call.
#pragma once

#include "coordinator/machine.h"
#include "group/groups.h"
#include "group/settings.h"

namespace barnabas::group {

struct turn {
  const settings& limits;
  groups& all;
  coordinator::moment now;
  coordinator::effects& out;
};

}  // namespace barnabas::group
