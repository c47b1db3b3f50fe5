// `barnabas quota`: rates that clients are held to.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_quota_commands(command_tree& tree);

}  // namespace barnabas::app
