// `barnabas produce`: lines, JSON or files become records of a topic.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_produce_command(command_tree& tree);

}  // namespace barnabas::app
