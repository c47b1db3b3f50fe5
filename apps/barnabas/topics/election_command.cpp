// Which replica of a partition leads.
#include "frame/table.h"
#include "topics/partition_list.h"
#include "topics/topic_commands.h"

namespace barnabas::app {
namespace {

struct elect_arguments {
  connection_flags connection;
  chosen_partitions chosen;
  bool is_unclean = false;
  bool is_json = false;
};

void describe_elect(CLI::App& command, elect_arguments& arguments) {
  add_partitions_option(command, arguments.chosen, "All that need an election");
  command.add_flag(
      "--unclean", arguments.is_unclean,
      "Where no in-sync replica is left, one that may have lost records leads; in place "
      "of the preferred leaders");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

outcome<> elect(kafka::admin& admin, const elect_arguments& arguments) {
  const auto partitions = partitions_of(admin, arguments.chosen);
  if (!partitions) {
    return std::unexpected(partitions.error());
  }
  const auto elected = admin.elect_leaders(
      arguments.is_unclean ? kafka::election_type::unclean : kafka::election_type::preferred,
      *partitions);
  if (!elected) {
    return fail_with(elected.error());
  }
  table rows({{"TOPIC", "topic"}, {"PARTITION", "partition"}, {"ELECTION", "election"}});
  failed_parts failed;
  for (const auto& [partition, done] : *elected) {
    const bool is_needless = !done && is(done.error(), error_code::election_not_needed);
    if (is_needless || failed.check(partition_name(partition), done)) {
      rows.add({text_cell(partition.topic), number_cell(partition.partition),
                text_cell(is_needless ? "not needed" : "done")});
    }
  }
  rows.print(standard_out(), arguments.is_json);
  return failed.verdict();
}

}  // namespace

void add_election_command(command_tree& tree, CLI::App& topic) {
  add_administration(tree, topic, "elect-leaders",
                     "Makes the first replicas of partitions their leaders.", describe_elect,
                     elect);
}

}  // namespace barnabas::app
