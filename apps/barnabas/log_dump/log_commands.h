// `barnabas log`: looks into the files of a log directory, of ours or of Apache Kafka's.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_log_commands(command_tree& tree);

}  // namespace barnabas::app
