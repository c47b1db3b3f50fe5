#include <barnabas/consumer.h>
#include <barnabas/producer.h>
#include <fmt/format.h>

#include "bench/bench_commands.h"
#include "bench/measurement.h"
#include "frame/connection.h"
#include "frame/interruption.h"
#include "frame/option_checks.h"
#include "runtime/outside.h"

namespace barnabas::app {
namespace {

constexpr auto patience = std::chrono::seconds(30);

struct latency_arguments : writing_arguments {
  latency_arguments() { records = 1000; }

  connection_flags connection;
  std::int32_t partition = 0;
  bool is_json = false;
};

void describe_latency(CLI::App& command, latency_arguments& arguments) {
  add_writing_options(command, arguments, "How many, one after the other");
  command.add_option("-p,--partition", arguments.partition, "The partition")
      ->type_name("N")
      ->check(not_negative)
      ->capture_default_str();
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
  command.footer("From giving a record to the producer to having it from the consumer.");
}

// Waits for the record at `offset`; records of others come and go.
outcome<> wait_for_record(kafka::consumer& reader, std::int64_t offset) {
  const auto deadline = runtime::now_anywhere() + patience;
  while (runtime::now_anywhere() < deadline && !is_interrupted()) {
    const auto records = reader.poll(std::chrono::milliseconds(100));
    if (!records) {
      return fail_with(records.error());
    }
    if (!records->empty() && (records->end() - 1)->offset >= offset) {
      return {};
    }
  }
  return std::unexpected(failure{
      exit_code::unreachable, fmt::format("the record at offset {} did not come", offset), {}});
}

outcome<latencies> exchange(const latency_arguments& arguments, kafka::producer& producer,
                            kafka::consumer& reader) {
  const payloads values(static_cast<std::size_t>(arguments.size_bytes));
  latencies all;
  for (std::int64_t number = 0; number < arguments.records && !is_interrupted(); ++number) {
    const auto began = runtime::now_anywhere();
    const auto sent = producer.send(
        {.topic = arguments.topic, .value = values[number], .partition = arguments.partition});
    if (!sent) {
      return fail_with(sent.error());
    }
    if (const auto came = wait_for_record(reader, sent->offset); !came) {
      return std::unexpected(came.error());
    }
    all.add((runtime::now_anywhere() - began) / std::chrono::microseconds(1));
  }
  return all;
}

outcome<> bench_latency(const latency_arguments& arguments) {
  watch_for_interruption();
  const auto of_producer =
      client_settings(arguments.connection, client_kind::producer, {{"linger.ms", "0"}});
  const auto of_consumer = client_settings(arguments.connection, client_kind::consumer);
  if (!of_producer || !of_consumer) {
    return std::unexpected(of_producer ? of_consumer.error() : of_producer.error());
  }
  auto producer = kafka::producer::open(*of_producer);
  auto reader = kafka::consumer::open(*of_consumer);
  if (!producer || !reader) {
    return fail_with(producer ? reader.error() : producer.error());
  }
  // The first makes the topic and all connections; it does not count.
  const auto first =
      producer->send({.topic = arguments.topic, .value = "", .partition = arguments.partition});
  if (!first) {
    return fail_with(first.error());
  }
  const kafka::topic_partition place{arguments.topic, arguments.partition};
  reader->assign({place});
  if (const auto sought = reader->seek(place, first->offset); !sought) {
    return fail_with(sought.error());
  }
  if (const auto came = wait_for_record(*reader, first->offset); !came) {
    return came;
  }
  auto all = exchange(arguments, *producer, *reader);
  if (!all) {
    return std::unexpected(all.error());
  }
  table rows(latency_columns());
  rows.add(latency_cells(*all));
  rows.print_upright(standard_out(), arguments.is_json);
  return {};
}

}  // namespace

void add_bench_latency(command_tree& tree, CLI::App& bench) {
  tree.add(bench, "latency", "Sends records one by one and waits until each has come back.",
           describe_latency, bench_latency);
}

}  // namespace barnabas::app
