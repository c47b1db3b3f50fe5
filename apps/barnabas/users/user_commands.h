// `barnabas user`: users of SASL/SCRAM that the brokers know themselves.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_user_commands(command_tree& tree);

}  // namespace barnabas::app
