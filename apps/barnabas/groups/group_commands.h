// `barnabas group`: groups, their members, lag and committed offsets.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_group_commands(command_tree& tree);
// The part that changes groups: delete, reset-offsets, delete-offsets.
void add_group_changes(command_tree& tree, CLI::App& group);

}  // namespace barnabas::app
