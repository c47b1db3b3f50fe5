// `barnabas bench`: how fast a cluster takes and gives records from here.
#pragma once

#include "frame/command_tree.h"

namespace barnabas::app {

void add_bench_commands(command_tree& tree);
// The single ones, which the first adds.
void add_bench_produce(command_tree& tree, CLI::App& bench);
void add_bench_consume(command_tree& tree, CLI::App& bench);
void add_bench_latency(command_tree& tree, CLI::App& bench);

}  // namespace barnabas::app
