#include "brokers/cluster_commands.h"

#include <fmt/format.h>

#include "brokers/feature_commands.h"
#include "frame/administrator.h"
#include "frame/table.h"
#include "users/acl_words.h"

namespace barnabas::app {
namespace {

struct describe_arguments {
  connection_flags connection;
  bool shows_operations = false;
  bool is_json = false;
};

void describe_describe(CLI::App& command, describe_arguments& arguments) {
  add_operations_option(command, arguments.shows_operations, "cluster");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

outcome<> describe(kafka::admin& admin, const describe_arguments& arguments) {
  const auto cluster = admin.describe_cluster(arguments.shows_operations);
  if (!cluster) {
    return fail_with(cluster.error());
  }
  if (arguments.shows_operations) {
    table operations({{"CLUSTER", "cluster"}, {"OPERATIONS", "operations"}});
    operations.add({text_cell(cluster->id), operations_cell(cluster->operations)});
    operations.print(standard_out(), arguments.is_json);
    return {};
  }
  table rows({{"CLUSTER", "cluster"},
              {"BROKER", "broker"},
              {"HOST", "host"},
              {"PORT", "port"},
              {"RACK", "rack"},
              {"CONTROLLER", "controller"},
              {"FENCED", "fenced"}});
  for (const kafka::broker_description& broker : cluster->brokers) {
    rows.add({text_cell(cluster->id), number_cell(broker.id), text_cell(broker.host),
              number_cell(broker.port), text_or_nothing(broker.rack),
              yes_cell(broker.id == cluster->controller), yes_cell(broker.is_fenced)});
  }
  rows.print(standard_out(), arguments.is_json);
  return {};
}

struct directories_arguments {
  connection_flags connection;
  std::vector<std::int32_t> brokers;
  bool shows_replicas = false;
  bool is_json = false;
};

void describe_directories(CLI::App& command, directories_arguments& arguments) {
  command.add_option("broker", arguments.brokers, "Only of these brokers")->type_name("ID");
  command.add_flag("-r,--replicas", arguments.shows_replicas,
                   "Each replica with its size, in place of the directories");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

cell bytes_or_nothing(std::int64_t bytes) {
  return bytes < 0 ? no_value() : bytes_cell(bytes);
}

void add_replicas(table& rows, std::int32_t broker, const std::string& path,
                  const kafka::log_dir_description& directory) {
  for (const kafka::log_dir_replica& replica : directory.replicas) {
    rows.add({number_cell(broker), text_cell(path), text_cell(replica.partition.topic),
              number_cell(replica.partition.partition), bytes_cell(replica.size_bytes),
              count_cell(replica.offset_lag), yes_cell(replica.is_future)});
  }
}

void add_directory(table& rows, std::int32_t broker, const std::string& path,
                   const kafka::log_dir_description& directory) {
  std::int64_t used = 0;
  for (const kafka::log_dir_replica& replica : directory.replicas) {
    used += replica.size_bytes;
  }
  rows.add({number_cell(broker), text_cell(path),
            count_cell(static_cast<std::int64_t>(directory.replicas.size())), bytes_cell(used),
            bytes_or_nothing(directory.usable_bytes), bytes_or_nothing(directory.total_bytes)});
}

table directory_table(bool shows_replicas) {
  return shows_replicas ? table({{"BROKER", "broker"},
                                 {"DIRECTORY", "directory"},
                                 {"TOPIC", "topic"},
                                 {"PARTITION", "partition"},
                                 {"SIZE", "size"},
                                 {"LAG", "lag"},
                                 {"FUTURE", "future"}})
                        : table({{"BROKER", "broker"},
                                 {"DIRECTORY", "directory"},
                                 {"REPLICAS", "replicas"},
                                 {"SIZE", "size"},
                                 {"FREE", "free"},
                                 {"TOTAL", "total"}});
}

outcome<> list_directories(kafka::admin& admin, const directories_arguments& arguments) {
  const auto brokers = admin.describe_log_dirs(arguments.brokers);
  if (!brokers) {
    return fail_with(brokers.error());
  }
  table rows = directory_table(arguments.shows_replicas);
  failed_parts failed;
  for (const auto& [broker, directories] : *brokers) {
    if (!failed.check(fmt::format("broker {}", broker), directories)) {
      continue;
    }
    for (const auto& [path, directory] : *directories) {
      if (failed.check(fmt::format("broker {}, {}", broker, path), directory)) {
        arguments.shows_replicas ? add_replicas(rows, broker, path, *directory)
                                 : add_directory(rows, broker, path, *directory);
      }
    }
  }
  rows.print(standard_out(), arguments.is_json);
  return failed.verdict();
}

}  // namespace

void add_cluster_commands(command_tree& tree) {
  CLI::App& cluster = tree.add_group("cluster", "The brokers of a cluster.");
  add_administration(tree, cluster, "describe",
                     "Shows the brokers and which of them is the controller.", describe_describe,
                     describe);
  add_administration(tree, cluster, "log-dirs", "Shows log directories and what they hold.",
                     describe_directories, list_directories);
  add_feature_commands(tree, cluster);
}

}  // namespace barnabas::app
