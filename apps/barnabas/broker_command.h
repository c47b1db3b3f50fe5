// `barnabas broker`: reads the settings, runs a broker until a signal ends it.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_broker_command(command_tree& tree);

}  // namespace barnabas::app
