// The part of `barnabas cluster` about features of the cluster (KIP-584): features,
// update-features.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_feature_commands(command_tree& tree, CLI::App& cluster);

}  // namespace barnabas::app
