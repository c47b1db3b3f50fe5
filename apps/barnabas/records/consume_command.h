// `barnabas consume`: records of topics to standard output.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_consume_command(command_tree& tree);

}  // namespace barnabas::app
