#include "topics/topic_commands.h"

#include <fmt/format.h>

#include "frame/administrator.h"
#include "frame/human_units.h"
#include "frame/outside_world.h"
#include "frame/table.h"
#include "topics/topic_ids.h"
#include "users/acl_words.h"

namespace barnabas::app {
namespace {

struct list_arguments {
  connection_flags connection;
  bool shows_internal = false;
  bool only_names = false;
  bool is_json = false;
};

void describe_list(CLI::App& command, list_arguments& arguments) {
  command.add_flag("-a,--all", arguments.shows_internal, "Internal topics, too");
  command.add_flag("--names", arguments.only_names, "Print names only");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

std::size_t replication_of(const kafka::topic_description& topic) {
  return topic.partitions.empty() ? 0 : topic.partitions.front().replicas.size();
}

std::int64_t without_leader(const kafka::topic_description& topic) {
  return std::ranges::count_if(topic.partitions, [](const auto& one) { return one.leader < 0; });
}

bool is_under_replicated(const kafka::partition_description& partition) {
  return partition.in_sync_replicas.size() < partition.replicas.size();
}

cell state_cell(const kafka::topic_description& topic) {
  if (const std::int64_t dead = without_leader(topic); dead > 0) {
    return text_cell(fmt::format("{} without leader", dead)).painted(colour::red);
  }
  const auto behind = std::ranges::count_if(topic.partitions, is_under_replicated);
  return behind > 0 ? text_cell(fmt::format("{} under-replicated", behind)).painted(colour::yellow)
                    : text_cell("ok").painted(colour::green);
}

outcome<> list_names(kafka::admin& admin, bool shows_internal) {
  const auto topics = admin.list_topics();
  if (!topics) {
    return fail_with(topics.error());
  }
  for (const kafka::topic_listing& topic : *topics) {
    if (shows_internal || !topic.is_internal) {
      standard_out().write(topic.name + '\n');
    }
  }
  return {};
}

outcome<> list_topics(kafka::admin& admin, const list_arguments& arguments) {
  if (arguments.only_names) {
    return list_names(admin, arguments.shows_internal);
  }
  const auto topics = admin.describe_topics({});
  if (!topics) {
    return fail_with(topics.error());
  }
  table rows({{"TOPIC", "topic"},
              {"PARTITIONS", "partitions"},
              {"REPLICATION", "replication"},
              {"STATE", "state"},
              {"INTERNAL", "internal"},
              {"ID", "id"}});
  failed_parts failed;
  for (const auto& [name, topic] : *topics) {
    if (failed.check("topic " + name, topic) && (arguments.shows_internal || !topic->is_internal)) {
      rows.add({text_cell(name), count_cell(static_cast<std::int64_t>(topic->partitions.size())),
                count_cell(static_cast<std::int64_t>(replication_of(*topic))), state_cell(*topic),
                yes_cell(topic->is_internal), text_cell(topic->id)});
    }
  }
  rows.print(standard_out(), arguments.is_json);
  return failed.verdict();
}

struct describe_arguments {
  connection_flags connection;
  std::vector<std::string> topics;
  bool are_ids = false;
  bool only_under_replicated = false;
  bool shows_operations = false;
  bool is_json = false;
};

void describe_describe(CLI::App& command, describe_arguments& arguments) {
  command.add_option("topic", arguments.topics, "Topics; all without any")->type_name("TOPIC");
  add_ids_option(command, arguments.are_ids);
  command.add_flag("--under-replicated", arguments.only_under_replicated,
                   "Only partitions with fewer in-sync replicas than replicas");
  add_operations_option(command, arguments.shows_operations, "topics");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

using listed_offsets = kafka::each<kafka::topic_partition, kafka::listed_offset>;

// Of partitions that have a leader; what cannot be asked is missing.
outcome<listed_offsets> offsets_of(kafka::admin& admin, const kafka::topic_description& topic,
                                   std::int64_t spec) {
  std::map<kafka::topic_partition, std::int64_t> asked;
  for (const kafka::partition_description& partition : topic.partitions) {
    if (partition.leader >= 0) {
      asked[{topic.name, partition.partition}] = spec;
    }
  }
  if (asked.empty()) {
    return listed_offsets();
  }
  auto offsets = admin.list_offsets(asked);
  if (!offsets) {
    return fail_with(offsets.error());
  }
  return std::move(*offsets);
}

std::optional<std::int64_t> offset_in(const listed_offsets& offsets,
                                      const kafka::topic_partition& partition) {
  const auto found = offsets.find(partition);
  return found != offsets.end() && found->second ? std::optional(found->second->offset)
                                                 : std::nullopt;
}

std::vector<cell> row_of(const std::string& topic, const kafka::partition_description& partition,
                         const listed_offsets& begins, const listed_offsets& ends) {
  const kafka::topic_partition name{topic, partition.partition};
  const auto begin = offset_in(begins, name);
  const auto end = offset_in(ends, name);
  cell leader =
      partition.leader < 0 ? no_value().painted(colour::red) : number_cell(partition.leader);
  return {text_cell(topic),
          number_cell(partition.partition),
          std::move(leader),
          list_cell(partition.replicas),
          list_cell(partition.in_sync_replicas)
              .painted(is_under_replicated(partition) ? colour::yellow : colour::none),
          count_or_nothing(begin),
          count_or_nothing(end),
          begin && end ? count_cell(*end - *begin) : no_value()};
}

outcome<> add_partitions(table& rows, kafka::admin& admin, const kafka::topic_description& topic,
                         bool only_under_replicated) {
  const auto begins = offsets_of(admin, topic, kafka::offset_spec::earliest);
  const auto ends = offsets_of(admin, topic, kafka::offset_spec::latest);
  if (!begins || !ends) {
    return std::unexpected(begins ? ends.error() : begins.error());
  }
  for (const kafka::partition_description& partition : topic.partitions) {
    if (!only_under_replicated || is_under_replicated(partition)) {
      rows.add(row_of(topic.name, partition, *begins, *ends));
    }
  }
  return {};
}

table partition_table() {
  return table({{"TOPIC", "topic"},
                {"PARTITION", "partition"},
                {"LEADER", "leader"},
                {"REPLICAS", "replicas"},
                {"IN SYNC", "in_sync_replicas"},
                {"BEGIN", "begin"},
                {"END", "end"},
                {"OFFSETS", "offsets"}});
}

outcome<> describe_topics(kafka::admin& admin, const describe_arguments& arguments) {
  if (arguments.are_ids && arguments.topics.empty()) {
    return wrong_usage("--ids: which topics?", "`barnabas topic list` shows their ids.");
  }
  const auto topics =
      arguments.are_ids ? admin.describe_topics_by_id(arguments.topics, arguments.shows_operations)
                        : admin.describe_topics(arguments.topics, arguments.shows_operations);
  if (!topics) {
    return fail_with(topics.error());
  }
  table rows = arguments.shows_operations
                   ? table({{"TOPIC", "topic"}, {"ID", "id"}, {"OPERATIONS", "operations"}})
                   : partition_table();
  failed_parts failed;
  for (const auto& [name, topic] : *topics) {
    if (!failed.check("topic " + name, topic)) {
      continue;
    }
    if (arguments.shows_operations) {
      rows.add({text_cell(topic->name), text_cell(topic->id), operations_cell(topic->operations)});
      continue;
    }
    if (auto added = add_partitions(rows, admin, *topic, arguments.only_under_replicated); !added) {
      return added;
    }
  }
  if (!rows.empty() || failed.verdict()) {
    rows.print(standard_out(), arguments.is_json);
  }
  return failed.verdict();
}

struct offsets_arguments {
  connection_flags connection;
  std::vector<std::string> topics;
  std::string at = "latest";
  bool is_json = false;
};

void describe_offsets(CLI::App& command, offsets_arguments& arguments) {
  command.add_option("topic", arguments.topics, "Topics")->type_name("TOPIC")->required();
  command
      .add_option("--at", arguments.at,
                  "earliest, latest, max-timestamp (of the newest record), or the first record as "
                  "new as TIME")
      ->type_name("PLACE|TIME")
      ->capture_default_str();
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

outcome<std::int64_t> parse_spec(const std::string& text) {
  const std::map<std::string_view, std::int64_t> places{
      {"earliest", kafka::offset_spec::earliest},
      {"latest", kafka::offset_spec::latest},
      {"max-timestamp", kafka::offset_spec::max_timestamp}};
  if (const auto place = places.find(text); place != places.end()) {
    return place->second;
  }
  if (const auto time = parse_time_ms(text, wall_clock_ms()); time && *time >= 0) {
    return *time;
  }
  return wrong_usage(fmt::format("--at {}: neither a place nor a time", text),
                     "As in latest, 2026-11-25T14:54:02, 15m (ago).");
}

outcome<> list_offsets(kafka::admin& admin, const offsets_arguments& arguments) {
  const auto spec = parse_spec(arguments.at);
  if (!spec) {
    return std::unexpected(spec.error());
  }
  const auto topics = admin.describe_topics(arguments.topics);
  if (!topics) {
    return fail_with(topics.error());
  }
  table rows({{"TOPIC", "topic"},
              {"PARTITION", "partition"},
              {"OFFSET", "offset"},
              {"TIME", "timestamp"}});
  failed_parts failed;
  for (const auto& [name, topic] : *topics) {
    if (!failed.check("topic " + name, topic)) {
      continue;
    }
    const auto offsets = offsets_of(admin, *topic, *spec);
    if (!offsets) {
      return std::unexpected(offsets.error());
    }
    for (const auto& [partition, found] : *offsets) {
      if (failed.check(fmt::format("{}-{}", name, partition.partition), found)) {
        rows.add({text_cell(name), number_cell(partition.partition),
                  found->offset < 0 ? no_value() : count_cell(found->offset),
                  time_cell(found->timestamp_ms)});
      }
    }
  }
  rows.print(standard_out(), arguments.is_json);
  return failed.verdict();
}

}  // namespace

void add_topic_commands(command_tree& tree) {
  CLI::App& topic = tree.add_group("topic", "What topics there are, and changing them.");
  add_administration(tree, topic, "list", "Lists topics.", describe_list, list_topics);
  add_administration(tree, topic, "describe",
                     "Shows the partitions of topics: leaders, replicas, offsets.",
                     describe_describe, describe_topics);
  add_administration(tree, topic, "offsets", "Shows an offset of each partition, by place or time.",
                     describe_offsets, list_offsets);
  add_topic_changes(tree, topic);
  add_election_command(tree, topic);
  add_reassignment_commands(tree, topic);
  add_producers_command(tree, topic);
}

}  // namespace barnabas::app
