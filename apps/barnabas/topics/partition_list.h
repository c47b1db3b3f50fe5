// Partitions as people name them on the command line and in the files of Kafka's tools.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "frame/administrator.h"

namespace barnabas::app {

// "letters" is all its partitions, "letters:0,2" two of them.
outcome<std::vector<kafka::topic_partition>> parse_partitions(
    kafka::admin& admin, const std::vector<std::string>& texts);

// The positional option of such texts.
CLI::Option& add_partition_names(
    CLI::App& command, std::vector<std::string>& texts,
    const std::string& help = "Topics, or partitions as in letters:0,2");

// Partitions from the command line or a file of Kafka's tools, or all.
struct chosen_partitions {
  std::vector<std::string> texts;
  std::string file;
  bool are_all = false;
};
// `all` is the help of --all.
void add_partitions_option(CLI::App& command, chosen_partitions& chosen, const std::string& all);
// None for all. A failure when not exactly one of the three is there.
outcome<std::vector<kafka::topic_partition>> partitions_of(kafka::admin& admin,
                                                           const chosen_partitions& chosen);

// "1,2" as ids of brokers; a failure begins with `flag`.
outcome<kafka::replica_list> parse_brokers(std::string_view text, const std::string& flag);

// Where replicas shall be.
struct planned_partition {
  kafka::replica_list replicas = {};
  std::vector<std::string> log_dirs = {};  // of each replica, "any" among them; empty: any
};
using partition_plan = std::map<kafka::topic_partition, planned_partition>;

// A file of kafka-reassign-partitions.sh or kafka-leader-election.sh:
//   {"version":1,"partitions":[{"topic":"letters","partition":0,"replicas":[1,2],
//                               "log_dirs":["any","/data"]}]}
// where a plan has replicas, which elections and cancelling do without.
outcome<partition_plan> read_plan(const std::string& path, bool needs_replicas);
outcome<partition_plan> parse_plan(std::string_view text, bool needs_replicas);
// As kafka-reassign-partitions.sh reads it.
std::string plan_json(const partition_plan& plan);

}  // namespace barnabas::app
