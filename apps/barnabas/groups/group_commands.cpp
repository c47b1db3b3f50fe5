#include "groups/group_commands.h"

#include <fmt/format.h>

#include <set>

#include "frame/table.h"
#include "groups/group_offsets.h"
#include "users/acl_words.h"

namespace barnabas::app {
namespace {

struct list_arguments {
  connection_flags connection;
  kafka::group_filter filter;
  bool only_names = false;
  bool is_json = false;
};

void describe_list(CLI::App& command, list_arguments& arguments) {
  command
      .add_option("--state", arguments.filter.states,
                  "Only groups in this state, as in Stable or Empty; may come often")
      ->type_name("STATE")
      ->allow_extra_args(false);
  command
      .add_option("--type", arguments.filter.types,
                  "Only groups of this type, as in Classic or Consumer; may come often")
      ->type_name("TYPE")
      ->allow_extra_args(false);
  command.add_flag("--names", arguments.only_names, "Print names only");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

cell text_or_dash(const std::string& text) {
  return text.empty() ? no_value() : text_cell(text);
}

outcome<> list_groups(kafka::admin& admin, const list_arguments& arguments) {
  const auto brokers = admin.list_groups(arguments.filter);
  if (!brokers) {
    return fail_with(brokers.error());
  }
  table rows({{"GROUP", "group"},
              {"STATE", "state"},
              {"TYPE", "type"},
              {"PROTOCOL", "protocol_type"},
              {"COORDINATOR", "coordinator"}});
  failed_parts failed;
  for (const auto& [broker, groups] : *brokers) {
    if (!failed.check(fmt::format("broker {}", broker), groups)) {
      continue;
    }
    for (const kafka::group_listing& group : *groups) {
      if (arguments.only_names) {
        standard_out().write(group.id + '\n');
      }
      rows.add({text_cell(group.id), text_or_dash(group.state), text_or_dash(group.type),
                text_or_dash(group.protocol_type), number_cell(broker)});
    }
  }
  if (!arguments.only_names) {
    rows.print(standard_out(), arguments.is_json);
  }
  return failed.verdict();
}

struct describe_arguments {
  connection_flags connection;
  std::vector<std::string> groups;
  bool shows_members = false;
  bool shows_operations = false;
  bool is_json = false;
};

void describe_describe(CLI::App& command, describe_arguments& arguments) {
  command.add_option("group", arguments.groups, "Groups")->type_name("GROUP")->required();
  command.add_flag("-m,--members", arguments.shows_members,
                   "Members and what they read, in place of offsets");
  add_operations_option(command, arguments.shows_operations, "groups");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

// "letters:0,2 orders:1"
std::vector<std::string> partition_texts(const std::vector<kafka::topic_partition>& partitions) {
  std::map<std::string, std::set<std::int32_t>> by_topic;
  for (const kafka::topic_partition& partition : partitions) {
    by_topic[partition.topic].insert(partition.partition);
  }
  std::vector<std::string> texts;
  for (const auto& [topic, numbers] : by_topic) {
    texts.push_back(fmt::format("{}:{}", topic, fmt::join(numbers, ",")));
  }
  return texts;
}

void add_members(table& rows, const kafka::group_description& group) {
  for (const kafka::group_member& member : group.members) {
    const auto texts = partition_texts(member.assignment);
    rows.add({text_cell(group.id), text_cell(group.state), text_cell(member.id),
              text_or_nothing(member.instance_id), text_cell(member.client_id),
              text_cell(member.host), text_or_dash(group.assignor),
              count_cell(static_cast<std::int64_t>(member.assignment.size())), list_cell(texts)});
  }
}

table member_table() {
  return table({{"GROUP", "group"},
                {"STATE", "state"},
                {"MEMBER", "member"},
                {"INSTANCE", "instance"},
                {"CLIENT", "client_id"},
                {"HOST", "host"},
                {"ASSIGNOR", "assignor"},
                {"PARTITIONS", "partitions"},
                {"READS", "assignment"}});
}

table offset_table() {
  return table({{"GROUP", "group"},
                {"STATE", "state"},
                {"TOPIC", "topic"},
                {"PARTITION", "partition"},
                {"COMMITTED", "committed"},
                {"END", "end"},
                {"LAG", "lag"},
                {"MEMBER", "member"},
                {"HOST", "host"}});
}

using members_by_partition = std::map<kafka::topic_partition, const kafka::group_member*>;

members_by_partition readers_of(const kafka::group_description& group) {
  members_by_partition readers;
  for (const kafka::group_member& member : group.members) {
    for (const kafka::topic_partition& partition : member.assignment) {
      readers[partition] = &member;
    }
  }
  return readers;
}

outcome<> add_offsets(table& rows, kafka::admin& admin, const kafka::group_description& group) {
  const auto committed = committed_by(admin, group.id);
  if (!committed) {
    return std::unexpected(committed.error());
  }
  const members_by_partition readers = readers_of(group);
  std::set<kafka::topic_partition> partitions;
  for (const auto& [partition, offset] : *committed) {
    partitions.insert(partition);
  }
  for (const auto& [partition, member] : readers) {
    partitions.insert(partition);
  }
  const auto ends =
      offsets_at(admin, {partitions.begin(), partitions.end()}, kafka::offset_spec::latest);
  if (!ends) {
    return std::unexpected(ends.error());
  }
  for (const kafka::topic_partition& partition : partitions) {
    const auto offset = offset_in(*committed, partition);
    const auto end = offset_in(*ends, partition);
    const auto reader = readers.find(partition);
    const bool is_read = reader != readers.end();
    rows.add({text_cell(group.id), text_cell(group.state), text_cell(partition.topic),
              number_cell(partition.partition), count_or_nothing(offset), count_or_nothing(end),
              offset && end ? count_cell(*end - *offset) : no_value(),
              is_read ? text_cell(reader->second->id) : no_value(),
              is_read ? text_cell(reader->second->host) : no_value()});
  }
  return {};
}

outcome<> describe_groups(kafka::admin& admin, const describe_arguments& arguments) {
  const auto groups = admin.describe_consumer_groups(arguments.groups, arguments.shows_operations);
  if (!groups) {
    return fail_with(groups.error());
  }
  table rows = arguments.shows_operations
                   ? table({{"GROUP", "group"}, {"STATE", "state"}, {"OPERATIONS", "operations"}})
               : arguments.shows_members ? member_table()
                                         : offset_table();
  failed_parts failed;
  for (const auto& [name, group] : *groups) {
    if (!failed.check("group " + name, group)) {
      continue;
    }
    if (arguments.shows_operations) {
      rows.add({text_cell(name), text_cell(group->state), operations_cell(group->operations)});
    } else if (arguments.shows_members) {
      add_members(rows, *group);
    } else if (auto added = add_offsets(rows, admin, *group); !added) {
      return added;
    }
  }
  if (!rows.empty() || failed.verdict()) {
    rows.print(standard_out(), arguments.is_json);
  }
  return failed.verdict();
}

}  // namespace

void add_group_commands(command_tree& tree) {
  CLI::App& group = tree.add_group("group", "Groups, their members, lag and committed offsets.");
  add_administration(tree, group, "list", "Lists groups.", describe_list, list_groups);
  add_administration(tree, group, "describe", "Shows the offsets and lag of groups, or members.",
                     describe_describe, describe_groups);
  add_group_changes(tree, group);
}

}  // namespace barnabas::app
