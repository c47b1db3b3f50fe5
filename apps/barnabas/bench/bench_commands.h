// `barnabas bench`: how fast a cluster takes and gives records from here.
#pragma once

#include <cstdint>
#include <string>

#include "frame/command_tree.h"

namespace barnabas::app {

void add_bench_commands(command_tree& tree);
// The single ones, which the first adds.
void add_bench_produce(command_tree& tree, CLI::App& bench);
void add_bench_consume(command_tree& tree, CLI::App& bench);
void add_bench_latency(command_tree& tree, CLI::App& bench);

// What is written.
struct writing_arguments {
  std::string topic;
  std::int64_t records = 1'000'000;
  std::int64_t size_bytes = 100;
};
void add_writing_options(CLI::App& command, writing_arguments& arguments,
                         const std::string& meaning_of_records);

}  // namespace barnabas::app
