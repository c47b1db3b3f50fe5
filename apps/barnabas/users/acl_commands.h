// `barnabas acl`: who may do what.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_acl_commands(command_tree& tree);

}  // namespace barnabas::app
