#include "bench/bench_commands.h"

#include "frame/option_checks.h"

namespace barnabas::app {

void add_bench_commands(command_tree& tree) {
  CLI::App& bench = tree.add_group("bench", "Measures how fast a cluster takes and gives records.");
  add_bench_produce(tree, bench);
  add_bench_consume(tree, bench);
  add_bench_latency(tree, bench);
}

void add_writing_options(CLI::App& command, writing_arguments& arguments,
                         const std::string& meaning_of_records) {
  command.add_option("topic", arguments.topic, "The topic; its records stay")
      ->type_name("TOPIC")
      ->required();
  command.add_option("-n,--records", arguments.records, meaning_of_records)
      ->type_name("N")
      ->check(above_zero)
      ->capture_default_str();
  command.add_option("-s,--size", arguments.size_bytes, "Bytes of each value")
      ->type_name("BYTES")
      ->check(above_zero)
      ->capture_default_str();
}

}  // namespace barnabas::app
