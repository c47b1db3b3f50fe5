#include "bench/bench_commands.h"

namespace barnabas::app {

void add_bench_commands(command_tree& tree) {
  CLI::App& bench = tree.add_group("bench", "Measures how fast a cluster takes and gives records.");
  add_bench_produce(tree, bench);
  add_bench_consume(tree, bench);
  add_bench_latency(tree, bench);
}

}  // namespace barnabas::app
