// `barnabas decode`: Kafka's bytes to JSON.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_decode_commands(command_tree& tree);

}  // namespace barnabas::app
