#include <barnabas/producer.h>
#include <fmt/format.h>

#include "bench/bench_commands.h"
#include "bench/measurement.h"
#include "frame/connection.h"
#include "frame/interruption.h"
#include "frame/option_checks.h"
#include "frame/progress.h"
#include "records/delivery_log.h"

namespace barnabas::app {
namespace {

constexpr auto patience = std::chrono::minutes(6);  // above delivery.timeout.ms

struct produce_arguments : writing_arguments {
  connection_flags connection;
  double rate = 0;
  std::int32_t partition = kafka::any_partition;
  std::string compression;
  bool is_json = false;
};

void describe_produce(CLI::App& command, produce_arguments& arguments) {
  add_writing_options(command, arguments, "How many");
  command.add_option("-r,--rate", arguments.rate, "Records a second; as fast as it goes without")
      ->type_name("N")
      ->check(above_zero);
  command.add_option("-p,--partition", arguments.partition, "All to this partition")
      ->type_name("N")
      ->check(not_negative);
  command.add_option("-z,--compression", arguments.compression, "Compress batches")
      ->type_name("TYPE")
      ->check(CLI::IsMember({"none", "gzip", "snappy", "lz4", "zstd"}));
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
  command.footer(
      "Latency is from giving a record to the producer to its acknowledgement; without --rate it\n"
      "is mostly waiting in the producer's own queue.");
}

// Latencies come on the client's I/O thread, and are read after the flush.
class delivery_clock {
 public:
  explicit delivery_clock(delivery_log& failures) : failures_(failures.listener()) {}
  auto listener() {
    return [this](const kafka::delivery& delivery, const kafka::error* why) {
      if (why == nullptr) {
        latencies_.add(delivery.latency_us);
      } else {
        failures_(delivery, why);
      }
    };
  }
  latencies& all() { return latencies_; }

 private:
  std::function<void(const kafka::delivery&, const kafka::error*)> failures_;
  latencies latencies_;
};

outcome<std::int64_t> write_all(const produce_arguments& arguments, kafka::producer& producer) {
  const payloads values(static_cast<std::size_t>(arguments.size_bytes));
  const auto began = runtime::now_anywhere();
  progress progress;
  std::int64_t sent = 0;
  for (; sent < arguments.records && !is_interrupted(); ++sent) {
    if (arguments.rate > 0) {
      const auto due = std::chrono::duration<double>(static_cast<double>(sent) / arguments.rate);
      rest_until(began + std::chrono::duration_cast<runtime::duration>(due));
    }
    const auto produced = producer.produce(
        {.topic = arguments.topic, .value = values[sent], .partition = arguments.partition});
    if (!produced) {
      return fail_with(produced.error());
    }
    progress.at(sent, sent * arguments.size_bytes);
  }
  return sent;
}

outcome<> bench_produce(const produce_arguments& arguments) {
  watch_for_interruption();
  auto settings = client_settings(
      arguments.connection, client_kind::producer,
      {{"queue.buffering.max.messages", "0"}, {"queue.buffering.max.kbytes", "65536"}});
  if (!settings) {
    return std::unexpected(settings.error());
  }
  if (!arguments.compression.empty()) {
    (*settings)["compression.type"] = arguments.compression;
  }
  delivery_log failures(false);
  delivery_clock clock(failures);
  auto producer = kafka::producer::open(*settings, {.on_delivery = clock.listener()});
  if (!producer) {
    return fail_with(producer.error());
  }
  const stopwatch watch;
  const auto sent = write_all(arguments, *producer);
  if (!sent) {
    return std::unexpected(sent.error());
  }
  if (const auto flushed = producer->flush(patience); !flushed) {
    return fail_with(flushed.error());
  }
  auto columns = rate_columns();
  std::ranges::copy(latency_columns(), std::back_inserter(columns));
  auto cells = rate_cells(*sent, *sent * arguments.size_bytes, watch);
  std::ranges::move(latency_cells(clock.all()), std::back_inserter(cells));
  table rows(std::move(columns));
  rows.add(std::move(cells));
  rows.print_upright(standard_out(), arguments.is_json);
  return failures.verdict();
}

}  // namespace

void add_bench_produce(command_tree& tree, CLI::App& bench) {
  tree.add(bench, "produce", "Writes records as fast as it goes, or at a rate.", describe_produce,
           bench_produce);
}

}  // namespace barnabas::app
