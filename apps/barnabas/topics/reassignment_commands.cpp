// Which brokers have the replicas of partitions.
#include <fmt/format.h>

#include "frame/table.h"
#include "topics/partition_list.h"
#include "topics/topic_commands.h"

namespace barnabas::app {
namespace {

struct plan_arguments {
  connection_flags connection;
  std::vector<std::string> texts;
  std::string brokers;
};

void describe_plan(CLI::App& command, plan_arguments& arguments) {
  add_partition_names(command, arguments.texts).required();
  command
      .add_option("--brokers-to-use", arguments.brokers,
                  "A plan that spreads them over these brokers in turn, with as many replicas as "
                  "they have")
      ->type_name("ID,...");
  add_connection_options(command, arguments.connection);
  command.footer(
      "Without --brokers-to-use it is where they are now, so that\n"
      "`barnabas topic reassign --file FILE` brings them back later.");
}

// Partitions with their replicas as they are.
outcome<partition_plan> current_plan(kafka::admin& admin,
                                     const std::vector<kafka::topic_partition>& partitions) {
  std::vector<std::string> names;
  for (const kafka::topic_partition& partition : partitions) {
    names.push_back(partition.topic);
  }
  if (names.empty()) {
    return partition_plan();
  }
  const auto topics = admin.describe_topics(names);
  if (!topics) {
    return fail_with(topics.error());
  }
  partition_plan plan;
  for (const kafka::topic_partition& partition : partitions) {
    const auto& topic = topics->at(partition.topic);
    if (!topic) {
      return fail_with(topic.error(), "topic " + partition.topic + ": ");
    }
    const auto found = std::ranges::find(topic->partitions, partition.partition,
                                         &kafka::partition_description::partition);
    if (found == topic->partitions.end()) {
      return not_found(partition_name(partition) + " is not there",
                       "`barnabas topic describe TOPIC` shows the partitions.");
    }
    plan[partition].replicas = found->replicas;
  }
  return plan;
}

void spread(partition_plan& plan, const kafka::replica_list& brokers) {
  std::size_t first = 0;
  for (auto& [partition, planned] : plan) {
    for (std::size_t i = 0; i < planned.replicas.size(); ++i) {
      planned.replicas[i] = brokers[(first + i) % brokers.size()];
    }
    ++first;
  }
}

outcome<> print_plan(kafka::admin& admin, const plan_arguments& arguments) {
  const auto partitions = parse_partitions(admin, arguments.texts);
  if (!partitions) {
    return std::unexpected(partitions.error());
  }
  auto plan = current_plan(admin, *partitions);
  if (!plan) {
    return std::unexpected(plan.error());
  }
  if (!arguments.brokers.empty()) {
    const auto brokers = parse_brokers(arguments.brokers, "--brokers-to-use");
    if (!brokers) {
      return std::unexpected(brokers.error());
    }
    for (const auto& [partition, planned] : *plan) {
      if (planned.replicas.size() > brokers->size()) {
        return wrong_usage(fmt::format("{} has {} replicas, and there are {} brokers to use",
                                       partition_name(partition), planned.replicas.size(),
                                       brokers->size()));
      }
    }
    spread(*plan, *brokers);
  }
  standard_out().write(plan_json(*plan) + '\n');
  return {};
}

struct reassign_arguments {
  connection_flags connection;
  std::vector<std::string> texts;
  std::string file;
  bool is_json = false;
};

void describe_reassign(CLI::App& command, reassign_arguments& arguments) {
  command
      .add_option("partition", arguments.texts,
                  "Brokers that shall have the partitions, the preferred leader first: letters=1,2 "
                  "for all, letters:0=2,1 for one")
      ->type_name("TOPIC[:N]=ID,ID");
  command.add_option("--file", arguments.file, "A plan of Kafka's tools (JSON), as below")
      ->type_name("FILE");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
  command.footer(
      R"(FILE is {"version":1,"partitions":[{"topic":"letters","partition":0,"replicas":[1,2],)"
      "\n"
      R"("log_dirs":["any","/data"]}]}; log_dirs may be missing.)"
      "\n"
      "It begins here and goes on without this program: `barnabas topic reassignments` shows\n"
      "what is under way. `barnabas topic plan` beforehand says how to come back.");
}

outcome<partition_plan> plan_of(kafka::admin& admin, const reassign_arguments& arguments) {
  if (arguments.texts.empty() == arguments.file.empty()) {
    return wrong_usage("where shall partitions go?", "TOPIC=ID,... or --file says it.");
  }
  if (!arguments.file.empty()) {
    return read_plan(arguments.file, true);
  }
  partition_plan plan;
  for (const std::string& text : arguments.texts) {
    const auto parts = parse_assignment(text, "partition");
    const auto brokers =
        parts ? parse_brokers(parts->second, text) : std::unexpected(parts.error());
    const auto partitions =
        brokers ? parse_partitions(admin, {parts->first}) : std::unexpected(brokers.error());
    if (!partitions) {
      return std::unexpected(partitions.error());
    }
    for (const kafka::topic_partition& partition : *partitions) {
      plan[partition].replicas = *brokers;
    }
  }
  return plan;
}

// A broker that has no such replica yet keeps the directory in mind for when it gets one.
outcome<> choose_directories(kafka::admin& admin, const partition_plan& plan,
                             failed_parts& failed) {
  std::map<kafka::replica, std::string> directories;
  for (const auto& [partition, planned] : plan) {
    for (std::size_t i = 0; i < planned.log_dirs.size(); ++i) {
      if (planned.log_dirs[i] != "any") {
        directories[{partition, planned.replicas[i]}] = planned.log_dirs[i];
      }
    }
  }
  if (directories.empty()) {
    return {};
  }
  const auto moved = admin.alter_replica_log_dirs(directories);
  if (!moved) {
    return fail_with(moved.error());
  }
  for (const auto& [replica, done] : *moved) {
    if (done || !is(done.error(), error_code::replica_not_available)) {
      failed.check(
          fmt::format("{} of broker {}", partition_name(replica.partition), replica.broker), done);
    }
  }
  return {};
}

outcome<> reassign(kafka::admin& admin, const reassign_arguments& arguments) {
  const auto plan = plan_of(admin, arguments);
  if (!plan) {
    return std::unexpected(plan.error());
  }
  std::vector<kafka::topic_partition> partitions;
  std::map<kafka::topic_partition, std::optional<kafka::replica_list>> replicas;
  for (const auto& [partition, planned] : *plan) {
    partitions.push_back(partition);
    replicas[partition] = planned.replicas;
  }
  const auto before = current_plan(admin, partitions);
  if (!before) {
    return std::unexpected(before.error());
  }
  failed_parts failed;
  if (auto chosen = choose_directories(admin, *plan, failed); !chosen) {
    return chosen;
  }
  const auto begun = admin.alter_partition_reassignments(replicas);
  if (!begun) {
    return fail_with(begun.error());
  }
  table rows({{"TOPIC", "topic"}, {"PARTITION", "partition"}, {"FROM", "from"}, {"TO", "to"}});
  for (const auto& [partition, done] : *begun) {
    if (failed.check(partition_name(partition), done)) {
      rows.add({text_cell(partition.topic), number_cell(partition.partition),
                list_cell(before->at(partition).replicas), list_cell(*replicas.at(partition))});
    }
  }
  rows.print(standard_out(), arguments.is_json);
  return failed.verdict();
}

struct list_arguments {
  connection_flags connection;
  std::vector<std::string> texts;
  bool is_json = false;
};

void describe_list(CLI::App& command, list_arguments& arguments) {
  add_partition_names(command, arguments.texts, "Only of these; partitions as in letters:0,2");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

outcome<> list_reassignments(kafka::admin& admin, const list_arguments& arguments) {
  const auto partitions = parse_partitions(admin, arguments.texts);
  if (!partitions) {
    return std::unexpected(partitions.error());
  }
  const auto under_way = admin.list_partition_reassignments(*partitions);
  if (!under_way) {
    return fail_with(under_way.error());
  }
  table rows({{"TOPIC", "topic"},
              {"PARTITION", "partition"},
              {"REPLICAS", "replicas"},
              {"ADDING", "adding"},
              {"REMOVING", "removing"}});
  for (const auto& [partition, reassigned] : *under_way) {
    rows.add({text_cell(partition.topic), number_cell(partition.partition),
              list_cell(reassigned.replicas), list_cell(reassigned.adding),
              list_cell(reassigned.removing)});
  }
  rows.print(standard_out(), arguments.is_json);
  return {};
}

struct cancel_arguments {
  connection_flags connection;
  chosen_partitions chosen;
};

void describe_cancel(CLI::App& command, cancel_arguments& arguments) {
  add_partitions_option(command, arguments.chosen, "All that are under way");
  add_connection_options(command, arguments.connection);
}

outcome<> cancel(kafka::admin& admin, const cancel_arguments& arguments) {
  const auto partitions = partitions_of(admin, arguments.chosen);
  if (!partitions) {
    return std::unexpected(partitions.error());
  }
  std::map<kafka::topic_partition, std::optional<kafka::replica_list>> none;
  for (const kafka::topic_partition& partition : *partitions) {
    none[partition] = std::nullopt;
  }
  if (arguments.chosen.are_all) {
    const auto under_way = admin.list_partition_reassignments({});
    if (!under_way) {
      return fail_with(under_way.error());
    }
    for (const auto& [partition, reassigned] : *under_way) {
      none[partition] = std::nullopt;
    }
  }
  if (none.empty()) {
    return {};
  }
  return verdict_on(admin.alter_partition_reassignments(none), partition_name);
}

}  // namespace

void add_reassignment_commands(command_tree& tree, CLI::App& topic) {
  add_administration(tree, topic, "plan",
                     "Prints which brokers have partitions, as a plan for `reassign`.",
                     describe_plan, print_plan);
  add_administration(tree, topic, "reassign", "Moves partitions to other brokers.",
                     describe_reassign, reassign);
  add_administration(tree, topic, "reassignments", "Shows what is being moved.", describe_list,
                     list_reassignments);
  add_administration(tree, topic, "cancel-reassignments", "Calls moves of partitions off.",
                     describe_cancel, cancel);
}

}  // namespace barnabas::app
