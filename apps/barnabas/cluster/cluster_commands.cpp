#include "cluster/cluster_commands.h"

#include <fmt/format.h>

#include "frame/administrator.h"
#include "frame/table.h"

namespace barnabas::app {
namespace {

struct describe_arguments {
  connection_flags connection;
  bool is_json = false;
};

void describe_describe(CLI::App& command, describe_arguments& arguments) {
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

outcome<> describe(kafka::admin& admin, const describe_arguments& arguments) {
  const auto cluster = admin.describe_cluster();
  if (!cluster) {
    return fail_with(cluster.error());
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

}  // namespace

void add_cluster_commands(command_tree& tree) {
  CLI::App& cluster = tree.add_group("cluster", "The brokers of a cluster.");
  add_administration(tree, cluster, "describe",
                     "Shows the brokers and which of them is the controller.", describe_describe,
                     describe);
}

}  // namespace barnabas::app
