// `barnabas cluster`: the brokers, and which of them is the controller.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_cluster_commands(command_tree& tree);

}  // namespace barnabas::app
