#include <fmt/format.h>

#include "frame/table.h"
#include "groups/group_commands.h"
#include "groups/offset_reset.h"
#include "topics/partition_list.h"

namespace barnabas::app {
namespace {

struct delete_arguments {
  connection_flags connection;
  std::vector<std::string> groups;
};

void describe_delete(CLI::App& command, delete_arguments& arguments) {
  command.add_option("group", arguments.groups, "Groups without members")
      ->type_name("GROUP")
      ->required();
  add_connection_options(command, arguments.connection);
}

outcome<> delete_groups(kafka::admin& admin, const delete_arguments& arguments) {
  return verdict_on(admin.delete_groups(arguments.groups),
                    [](const auto& name) { return "group " + name; });
}

struct reset_arguments {
  connection_flags connection;
  std::string group;
  std::vector<std::string> topics;
  reset_choice choice;
  bool executes = false;
  bool is_json = false;
};

void describe_reset(CLI::App& command, reset_arguments& arguments) {
  command.add_option("group", arguments.group, "The group, without members")
      ->type_name("GROUP")
      ->required();
  command
      .add_option("topic", arguments.topics,
                  "Topics, or some of their partitions as in letters:0,2; without any, all that "
                  "the group has committed")
      ->type_name("TOPIC");
  CLI::Option* to =
      command.add_option("--to", arguments.choice.to,
                         "beginning, end, an offset, or the first record as new as s@TIME");
  to->type_name("PLACE");
  CLI::Option* shift =
      command.add_option("--shift", arguments.choice.shift, "So many records on, or with - back");
  shift->type_name("N")->excludes(to);
  command.add_option("--file", arguments.choice.file, "Lines topic,partition,offset")
      ->type_name("FILE")
      ->excludes(to)
      ->excludes(shift);
  command.add_flag("--execute", arguments.executes, "Do it; without, it is only shown");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
  command.footer(
      "TIME as in 2026-11-25T14:54:02 (local; with Z: UTC), or 15m, 2h, 7d ago. Offsets outside\n"
      "of a partition become its beginning or end.");
}

outcome<> commit(kafka::admin& admin, const std::string& group, const offset_map& offsets) {
  std::map<kafka::topic_partition, kafka::committed_offset> commits;
  for (const auto& [partition, offset] : offsets) {
    commits[partition].offset = offset;
  }
  return verdict_on(admin.alter_group_offsets(group, commits), partition_name);
}

void print_reset(const reset_arguments& arguments, const offset_map& committed,
                 const offset_map& offsets) {
  table rows({{"GROUP", "group"},
              {"TOPIC", "topic"},
              {"PARTITION", "partition"},
              {"COMMITTED", "committed"},
              {"NEW", "new"}});
  for (const auto& [partition, offset] : offsets) {
    rows.add({text_cell(arguments.group), text_cell(partition.topic),
              number_cell(partition.partition), count_or_nothing(offset_in(committed, partition)),
              count_cell(offset)});
  }
  rows.print(standard_out(), arguments.is_json);
}

outcome<> reset_offsets(kafka::admin& admin, const reset_arguments& arguments) {
  const reset_choice& choice = arguments.choice;
  if (choice.to.empty() && choice.shift.empty() && choice.file.empty()) {
    return wrong_usage("where shall the group go on?", "--to, --shift or --file says it.");
  }
  const auto committed = committed_by(admin, arguments.group);
  if (!committed) {
    return std::unexpected(committed.error());
  }
  auto partitions = parse_partitions(admin, arguments.topics);
  if (!partitions) {
    return std::unexpected(partitions.error());
  }
  for (const auto& [partition, offset] : *committed) {
    if (arguments.topics.empty()) {
      partitions->push_back(partition);
    }
  }
  const auto offsets = new_offsets(admin, choice, *partitions, *committed);
  if (!offsets) {
    return std::unexpected(offsets.error());
  }
  if (offsets->empty()) {
    return not_found(fmt::format("group {} has committed nothing there", arguments.group),
                     "Name topics: `barnabas group reset-offsets GROUP TOPIC --to beginning`.");
  }
  print_reset(arguments, *committed, *offsets);
  if (!arguments.executes) {
    fmt::print(stderr, "Nothing has changed; --execute does it.\n");
    return {};
  }
  standard_out().flush();
  return commit(admin, arguments.group, *offsets);
}

struct delete_offsets_arguments {
  connection_flags connection;
  std::string group;
  std::vector<std::string> topics;
};

void describe_delete_offsets(CLI::App& command, delete_offsets_arguments& arguments) {
  command.add_option("group", arguments.group, "The group")->type_name("GROUP")->required();
  command
      .add_option("topic", arguments.topics,
                  "Topics that it does not read now, or partitions as in letters:0,2")
      ->type_name("TOPIC")
      ->required();
  add_connection_options(command, arguments.connection);
}

outcome<> delete_offsets(kafka::admin& admin, const delete_offsets_arguments& arguments) {
  const auto partitions = parse_partitions(admin, arguments.topics);
  if (!partitions) {
    return std::unexpected(partitions.error());
  }
  return verdict_on(admin.delete_group_offsets(arguments.group, *partitions), partition_name);
}

}  // namespace

void add_group_changes(command_tree& tree, CLI::App& group) {
  add_administration(tree, group, "reset-offsets", "Sets where a group goes on.", describe_reset,
                     reset_offsets);
  add_administration(tree, group, "delete-offsets", "Forgets what a group has committed.",
                     describe_delete_offsets, delete_offsets);
  add_administration(tree, group, "delete", "Deletes groups.", describe_delete, delete_groups);
}

}  // namespace barnabas::app
