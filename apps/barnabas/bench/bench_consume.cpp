#include <barnabas/consumer.h>

#include "bench/bench_commands.h"
#include "bench/measurement.h"
#include "frame/connection.h"
#include "frame/interruption.h"
#include "frame/option_checks.h"
#include "frame/progress.h"
#include "records/partition_reader.h"
#include "records/topic_partitions.h"

namespace barnabas::app {
namespace {

struct consume_arguments {
  connection_flags connection;
  std::string topic;
  std::int64_t records = 0;  // 0: all
  bool is_json = false;
};

void describe_consume(CLI::App& command, consume_arguments& arguments) {
  command.add_option("topic", arguments.topic, "The topic")->type_name("TOPIC")->required();
  command.add_option("-n,--records", arguments.records, "How many; all that are there without")
      ->type_name("N")
      ->check(above_zero);
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

outcome<> measure(const consume_arguments& arguments, kafka::consumer& reader,
                  reading_ranges ranges) {
  const stopwatch watch;
  partition_reader reading(reader, std::move(ranges));
  progress progress;
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  const auto read = reading.read(
      [&](const kafka::record& record) {
        bytes += static_cast<std::int64_t>(record.value.value_or("").size() +
                                           record.key.value_or("").size());
        return ++records != arguments.records;
      },
      [&] {
        progress.at(records, bytes);
        return records != arguments.records || records == 0;
      });
  if (!read) {
    return read;
  }
  table rows(rate_columns());
  rows.add(rate_cells(records, bytes, watch));
  rows.print_upright(standard_out(), arguments.is_json);
  return {};
}

outcome<> bench_consume(const consume_arguments& arguments) {
  watch_for_interruption();
  const auto settings =
      client_settings(arguments.connection, client_kind::consumer, {{"max.poll.records", "10000"}});
  if (!settings) {
    return std::unexpected(settings.error());
  }
  auto reader = kafka::consumer::open(*settings);
  if (!reader) {
    return fail_with(reader.error());
  }
  const auto partitions = find_partitions(arguments.connection, {arguments.topic});
  if (!partitions) {
    return std::unexpected(partitions.error());
  }
  auto ranges = find_ranges(*reader, *partitions, {.stops_at_end = true});
  return ranges ? measure(arguments, *reader, std::move(*ranges)) : std::unexpected(ranges.error());
}

}  // namespace

void add_bench_consume(command_tree& tree, CLI::App& bench) {
  tree.add(bench, "consume", "Reads the records of a topic as fast as it goes.", describe_consume,
           bench_consume);
}

}  // namespace barnabas::app
