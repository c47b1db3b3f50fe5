// `barnabas token`: delegation tokens (KIP-48).
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_token_commands(command_tree& tree);

}  // namespace barnabas::app
