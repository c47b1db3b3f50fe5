#include <fmt/format.h>

#include "frame/administrator.h"
#include "frame/human_units.h"
#include "frame/option_checks.h"
#include "frame/outside_world.h"
#include "frame/table.h"
#include "topics/topic_commands.h"
#include "topics/topic_ids.h"

namespace barnabas::app {
namespace {

void add_topics_option(CLI::App& command, std::vector<std::string>& topics) {
  command.add_option("topic", topics, "Topics")->type_name("TOPIC")->required();
}

struct create_arguments {
  connection_flags connection;
  std::vector<std::string> topics;
  std::int32_t partitions = -1;
  std::int16_t replication = -1;
  std::string replicas;
  std::vector<std::string> settings;
  bool may_exist = false;
  bool is_trial = false;
  bool is_json = false;
};

void describe_create(CLI::App& command, create_arguments& arguments) {
  add_topics_option(command, arguments.topics);
  command.add_option("-n,--partitions", arguments.partitions, "How many (the cluster's default)")
      ->type_name("N")
      ->check(above_zero);
  command
      .add_option("-r,--replication", arguments.replication,
                  "Replicas of each partition (the cluster's default)")
      ->type_name("N")
      ->check(above_zero);
  command
      .add_option("--replicas", arguments.replicas,
                  "Brokers of each partition in place of both numbers, as in 1:2,2:3")
      ->type_name("ID:ID,...");
  command.add_option("-s,--set", arguments.settings, "A setting of the topic; may come often")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_flag("--if-not-exists", arguments.may_exist, "A topic that is there is no failure");
  command.add_flag("--dry-run", arguments.is_trial, "Only ask whether the cluster would do it");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

// "1:2,2:3" is partition 0 on brokers 1 and 2, partition 1 on 2 and 3.
outcome<std::vector<kafka::replica_list>> parse_replicas(const std::string& text) {
  std::vector<kafka::replica_list> all;
  for (const std::string& partition : CLI::detail::split(text, ',')) {
    auto& brokers = all.emplace_back();
    for (const std::string& broker : CLI::detail::split(partition, ':')) {
      const auto id = parse_number(broker);
      if (!id || *id < 0) {
        return wrong_usage(fmt::format("--replicas {}: \"{}\" is no broker", text, broker));
      }
      brokers.push_back(static_cast<std::int32_t>(*id));
    }
  }
  return all;
}

outcome<std::vector<kafka::new_topic>> new_topics_of(const create_arguments& arguments) {
  kafka::new_topic model{.partitions = arguments.partitions,
                         .replication_factor = arguments.replication};
  if (!arguments.replicas.empty()) {
    if (arguments.partitions >= 0 || arguments.replication >= 0) {
      return wrong_usage(fmt::format("{} together with --replicas",
                                     arguments.partitions >= 0 ? "--partitions" : "--replication"),
                         "--replicas says how many partitions and replicas there are: leave the "
                         "number out.");
    }
    auto replicas = parse_replicas(arguments.replicas);
    if (!replicas) {
      return std::unexpected(replicas.error());
    }
    model.replicas = std::move(*replicas);
  }
  for (const std::string& text : arguments.settings) {
    auto setting = parse_assignment(text, "--set");
    if (!setting) {
      return std::unexpected(setting.error());
    }
    model.configs.insert(std::move(*setting));
  }
  std::vector<kafka::new_topic> topics;
  for (const std::string& name : arguments.topics) {
    topics.push_back(model);
    topics.back().name = name;
  }
  return topics;
}

cell count_of(std::int64_t count) {
  return count < 0 ? no_value() : count_cell(count);
}

outcome<> create(kafka::admin& admin, const create_arguments& arguments) {
  const auto topics = new_topics_of(arguments);
  if (!topics) {
    return std::unexpected(topics.error());
  }
  const auto created = admin.create_topics(*topics, arguments.is_trial);
  if (!created) {
    return fail_with(created.error());
  }
  table rows({{"TOPIC", "topic"},
              {"ID", "id"},
              {"PARTITIONS", "partitions"},
              {"REPLICATION", "replication"}});
  failed_parts failed;
  for (const auto& [name, topic] : *created) {
    const bool is_there =
        !topic && topic.error().code == static_cast<std::int16_t>(error_code::topic_already_exists);
    if (is_there && arguments.may_exist) {
      continue;
    }
    if (failed.check("topic " + name, topic)) {
      rows.add({text_cell(name), text_cell(topic->id), count_of(topic->partitions),
                count_of(topic->replication_factor)});
    }
  }
  if (!rows.empty()) {
    rows.print(standard_out(), arguments.is_json);
  }
  return failed.verdict();
}

struct delete_arguments {
  connection_flags connection;
  std::vector<std::string> topics;
  bool are_ids = false;
  bool may_be_missing = false;
};

void describe_delete(CLI::App& command, delete_arguments& arguments) {
  add_topics_option(command, arguments.topics);
  add_ids_option(command, arguments.are_ids);
  command.add_flag("--if-exists", arguments.may_be_missing, "A missing topic is no failure");
  add_connection_options(command, arguments.connection);
}

outcome<> delete_topics(kafka::admin& admin, const delete_arguments& arguments) {
  const auto deleted = arguments.are_ids ? admin.delete_topics_by_id(arguments.topics)
                                         : admin.delete_topics(arguments.topics);
  if (!deleted) {
    return fail_with(deleted.error());
  }
  failed_parts failed;
  for (const auto& [name, done] : *deleted) {
    const bool is_missing = !done && (is(done.error(), error_code::unknown_topic_or_partition) ||
                                      is(done.error(), error_code::unknown_topic_id));
    if (!(is_missing && arguments.may_be_missing)) {
      failed.check("topic " + name, done);
    }
  }
  return failed.verdict();
}

struct alter_arguments {
  connection_flags connection;
  std::vector<std::string> topics;
  std::int32_t partitions = 0;
  std::vector<std::string> set;
  std::vector<std::string> unset;
};

void describe_alter(CLI::App& command, alter_arguments& arguments) {
  add_topics_option(command, arguments.topics);
  command.add_option("-n,--partitions", arguments.partitions, "So many in all; never fewer")
      ->type_name("N")
      ->check(above_zero);
  command.add_option("-s,--set", arguments.set, "A setting; may come often")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("-u,--unset", arguments.unset, "A setting that is taken back; may come often")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add_connection_options(command, arguments.connection);
}

outcome<std::vector<kafka::config_change>> changes_of(const alter_arguments& arguments) {
  std::vector<kafka::config_change> changes;
  for (const std::string& text : arguments.set) {
    auto setting = parse_assignment(text, "--set");
    if (!setting) {
      return std::unexpected(setting.error());
    }
    changes.push_back({setting->first, setting->second});
  }
  for (const std::string& name : arguments.unset) {
    changes.push_back({name});
  }
  return changes;
}

template <class Each>
outcome<> told(const kafka::result<Each>& all, failed_parts& failed, const auto& name_of) {
  if (!all) {
    return fail_with(all.error());
  }
  for (const auto& [key, done] : *all) {
    failed.check("topic " + name_of(key), done);
  }
  return {};
}

outcome<> alter(kafka::admin& admin, const alter_arguments& arguments) {
  const auto changes = changes_of(arguments);
  if (!changes) {
    return std::unexpected(changes.error());
  }
  if (changes->empty() && arguments.partitions == 0) {
    return wrong_usage("there is nothing to change",
                       "--partitions, --set and --unset say what changes.");
  }
  std::map<std::string, kafka::new_partitions> partitions;
  std::map<kafka::resource, std::vector<kafka::config_change>> settings;
  for (const std::string& topic : arguments.topics) {
    partitions[topic] = {.count = arguments.partitions};
    settings[{kafka::resource_type::topic, topic}] = *changes;
  }
  failed_parts failed;
  outcome<> asked;
  if (!changes->empty()) {
    asked = told(admin.alter_configs(settings), failed, [](const auto& of) { return of.name; });
  }
  if (asked && arguments.partitions > 0) {
    asked =
        told(admin.create_partitions(partitions), failed, [](const auto& name) { return name; });
  }
  return asked ? failed.verdict() : asked;
}

struct empty_arguments {
  connection_flags connection;
  std::string topic;
  std::vector<std::int32_t> partitions;
  std::string before = "end";
  bool is_json = false;
};

void describe_empty(CLI::App& command, empty_arguments& arguments) {
  command.add_option("topic", arguments.topic, "The topic")->type_name("TOPIC")->required();
  command
      .add_option("-p,--partition", arguments.partitions, "Only these partitions; may come often")
      ->type_name("N")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      .add_option("--before", arguments.before,
                  "Delete records before this: end, an offset, or the first record as new as "
                  "s@TIME")
      ->type_name("PLACE")
      ->capture_default_str();
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

using offset_map = std::map<kafka::topic_partition, std::int64_t>;

outcome<std::vector<kafka::topic_partition>> chosen_partitions(kafka::admin& admin,
                                                               const empty_arguments& arguments) {
  const auto topics = admin.describe_topics({arguments.topic});
  if (!topics) {
    return fail_with(topics.error());
  }
  const auto& topic = topics->at(arguments.topic);
  if (!topic) {
    return fail_with(topic.error(), "topic " + arguments.topic + ": ");
  }
  std::vector<kafka::topic_partition> chosen;
  for (const kafka::partition_description& partition : topic->partitions) {
    if (arguments.partitions.empty() ||
        std::ranges::count(arguments.partitions, partition.partition) > 0) {
      chosen.push_back({arguments.topic, partition.partition});
    }
  }
  if (chosen.size() < std::max<std::size_t>(1, arguments.partitions.size())) {
    return not_found(fmt::format("{} has only partitions 0 to {}", arguments.topic,
                                 topic->partitions.size() - 1));
  }
  return chosen;
}

// "end" is -1, which the leader takes for its high watermark; a time is looked up.
outcome<offset_map> offsets_before(kafka::admin& admin, const empty_arguments& arguments,
                                   const std::vector<kafka::topic_partition>& partitions) {
  offset_map offsets;
  const auto number = arguments.before == "end" ? -1 : parse_number(arguments.before);
  for (const kafka::topic_partition& partition : partitions) {
    offsets[partition] = number.value_or(0);
  }
  if (number) {
    return offsets;
  }
  const auto time =
      arguments.before.starts_with("s@")
          ? parse_time_ms(std::string_view(arguments.before).substr(2), wall_clock_ms())
          : std::nullopt;
  if (!time) {
    return wrong_usage(fmt::format("--before {}: no place in a partition", arguments.before),
                       "There are end, an offset, and s@TIME.");
  }
  for (auto& [partition, asked] : offsets) {
    asked = *time;
  }
  const auto found = admin.list_offsets(offsets);
  if (!found) {
    return fail_with(found.error());
  }
  for (const auto& [partition, offset] : *found) {
    if (!offset) {
      return fail_with(offset.error(), partition_name(partition) + ": ");
    }
    offsets[partition] = offset->offset;  // -1 when no record is as new: all go
  }
  return offsets;
}

outcome<> empty(kafka::admin& admin, const empty_arguments& arguments) {
  const auto partitions = chosen_partitions(admin, arguments);
  if (!partitions) {
    return std::unexpected(partitions.error());
  }
  const auto offsets = offsets_before(admin, arguments, *partitions);
  if (!offsets) {
    return std::unexpected(offsets.error());
  }
  const auto deleted = admin.delete_records(*offsets);
  if (!deleted) {
    return fail_with(deleted.error());
  }
  table rows({{"TOPIC", "topic"}, {"PARTITION", "partition"}, {"BEGIN", "begin"}});
  failed_parts failed;
  for (const auto& [partition, begin] : *deleted) {
    if (failed.check(partition_name(partition), begin)) {
      rows.add({text_cell(partition.topic), number_cell(partition.partition), count_cell(*begin)});
    }
  }
  rows.print(standard_out(), arguments.is_json);
  return failed.verdict();
}

}  // namespace

void add_topic_changes(command_tree& tree, CLI::App& topic) {
  add_administration(tree, topic, "create", "Makes topics.", describe_create, create);
  add_administration(tree, topic, "alter", "Adds partitions to topics and changes their settings.",
                     describe_alter, alter);
  add_administration(tree, topic, "empty", "Deletes records of a topic up to a place.",
                     describe_empty, empty);
  add_administration(tree, topic, "delete", "Deletes topics.", describe_delete, delete_topics);
}

}  // namespace barnabas::app
