// `barnabas config`: settings of topics, brokers, groups, loggers and client metrics.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_config_commands(command_tree& tree);

}  // namespace barnabas::app
