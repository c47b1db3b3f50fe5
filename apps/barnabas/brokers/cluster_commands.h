// `barnabas cluster`: the brokers, which of them is the controller, their log directories.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_cluster_commands(command_tree& tree);

}  // namespace barnabas::app
