// `barnabas topic`: what topics there are, and changing them.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_topic_commands(command_tree& tree);
// The part that changes topics: create, delete, alter, empty.
void add_topic_changes(command_tree& tree, CLI::App& topic);
// elect-leaders.
void add_election_command(command_tree& tree, CLI::App& topic);
// plan, reassign, reassignments, cancel-reassignments.
void add_reassignment_commands(command_tree& tree, CLI::App& topic);
// producers.
void add_producers_command(command_tree& tree, CLI::App& topic);

}  // namespace barnabas::app
