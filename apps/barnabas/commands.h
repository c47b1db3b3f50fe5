// The whole command line: every command is added here, in the order of the help.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_commands(command_tree& tree);

}  // namespace barnabas::app
