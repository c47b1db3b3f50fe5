// Who writes to partitions, as a broker remembers it.
#include "frame/table.h"
#include "topics/partition_list.h"
#include "topics/topic_commands.h"

namespace barnabas::app {
namespace {

struct producers_arguments {
  connection_flags connection;
  std::vector<std::string> texts;
  std::optional<std::int32_t> broker;
  bool is_json = false;
};

void describe_producers(CLI::App& command, producers_arguments& arguments) {
  add_partition_names(command, arguments.texts).required();
  command
      .add_option("--broker", arguments.broker,
                  "As this broker knows them, which has a replica; their leaders without")
      ->type_name("ID");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

cell number_or_nothing(std::int64_t number) {
  return number < 0 ? no_value() : number_cell(number);
}

outcome<> list_producers(kafka::admin& admin, const producers_arguments& arguments) {
  const auto partitions = parse_partitions(admin, arguments.texts);
  if (!partitions) {
    return std::unexpected(partitions.error());
  }
  const auto described = admin.describe_producers(*partitions, arguments.broker);
  if (!described) {
    return fail_with(described.error());
  }
  table rows({{"TOPIC", "topic"},
              {"PARTITION", "partition"},
              {"PRODUCER", "producer"},
              {"EPOCH", "epoch"},
              {"SEQUENCE", "sequence"},
              {"LAST", "last_timestamp"},
              {"COORDINATOR EPOCH", "coordinator_epoch"},
              {"TRANSACTION", "transaction_start"}});
  failed_parts failed;
  for (const auto& [partition, producers] : *described) {
    if (!failed.check(partition_name(partition), producers)) {
      continue;
    }
    for (const kafka::producer_state& one : *producers) {
      rows.add({text_cell(partition.topic), number_cell(partition.partition),
                number_cell(one.producer_id), number_cell(one.epoch),
                number_or_nothing(one.last_sequence), time_cell(one.last_timestamp_ms),
                number_or_nothing(one.coordinator_epoch),
                number_or_nothing(one.transaction_start_offset)});
    }
  }
  rows.print(standard_out(), arguments.is_json);
  return failed.verdict();
}

}  // namespace

void add_producers_command(command_tree& tree, CLI::App& topic) {
  add_administration(tree, topic, "producers",
                     "Shows the idempotent producers of partitions and their transactions.",
                     describe_producers, list_producers);
}

}  // namespace barnabas::app
