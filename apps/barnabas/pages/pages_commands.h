// `barnabas completion` and `barnabas manual`: pages made of the tree of commands.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_pages_commands(command_tree& tree);

}  // namespace barnabas::app
