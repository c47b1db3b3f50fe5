// --ids of commands that take topics.
#pragma once

#include <CLI/CLI.hpp>

namespace barnabas::app {

inline void add_ids_option(CLI::App& command, bool& are_ids) {
  command.add_flag("--ids", are_ids,
                   "The topics are named by their ids, as `topic list` shows them");
}

}  // namespace barnabas::app
