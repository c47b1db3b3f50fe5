#include "brokers/config_commands.h"

#include <fmt/format.h>

#include <array>

#include "frame/administrator.h"
#include "frame/table.h"

namespace barnabas::app {
namespace {

struct resource_word {
  std::string_view word;
  kafka::resource_type type;
};
constexpr std::array resource_words{
    resource_word{"topic", kafka::resource_type::topic},
    resource_word{"broker", kafka::resource_type::broker},
    resource_word{"group", kafka::resource_type::group},
    resource_word{"logger", kafka::resource_type::broker_logger},
    resource_word{"client-metrics", kafka::resource_type::client_metrics}};
// The name of the settings of all brokers.
constexpr std::string_view name_of_default = "default";

const CLI::IsMember& type_check() {
  static const CLI::IsMember check([] {
    std::vector<std::string> words;
    for (const resource_word& one : resource_words) {
      words.emplace_back(one.word);
    }
    return words;
  }());
  return check;
}

// The option's check has seen to it that there is one.
kafka::resource_type type_of(std::string_view word) {
  return std::ranges::find(resource_words, word, &resource_word::word)->type;
}

std::string word_of(kafka::resource_type type) {
  const auto found = std::ranges::find(resource_words, type, &resource_word::type);
  return found == resource_words.end() ? fmt::format("type {}", static_cast<int>(type))
                                       : std::string(found->word);
}

kafka::resource resource_of(const std::string& type, const std::string& name) {
  const bool is_default = type == "broker" && name == name_of_default;
  return {type_of(type), is_default ? std::string() : name};
}

std::string name_of(const kafka::resource& resource) {
  return resource.name.empty() ? std::string(name_of_default) : resource.name;
}

std::string_view text_of(kafka::config_source source) {
  switch (source) {
    case kafka::config_source::unknown:
      return "unknown";
    case kafka::config_source::topic:
      return "topic";
    case kafka::config_source::broker:
      return "broker";
    case kafka::config_source::brokers_default:
      return "all brokers";
    case kafka::config_source::server_properties:
      return "server.properties";
    case kafka::config_source::standard:
      return "default";
    case kafka::config_source::broker_logger:
      return "logger";
    case kafka::config_source::client_metrics:
      return "client metrics";
    case kafka::config_source::group:
      return "group";
  }
  return "unknown";
}

struct resource_arguments {
  connection_flags connection;
  std::string type;
  std::string name;
};

void add_resource_options(CLI::App& command, resource_arguments& arguments) {
  command.add_option("type", arguments.type, "What has the settings")
      ->type_name("TYPE")
      ->required()
      ->check(type_check());
  command
      .add_option("name", arguments.name,
                  "Its name; of brokers and loggers the broker's id, or default for all brokers")
      ->type_name("NAME")
      ->required();
}

struct list_arguments {
  connection_flags connection;
  std::string type;
  bool is_json = false;
};

void describe_list(CLI::App& command, list_arguments& arguments) {
  command.add_option("type", arguments.type, "Only of this type")
      ->type_name("TYPE")
      ->check(type_check());
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

outcome<> list(kafka::admin& admin, const list_arguments& arguments) {
  std::vector<kafka::resource_type> types;
  if (!arguments.type.empty()) {
    types.push_back(type_of(arguments.type));
  }
  const auto resources = admin.list_config_resources(types);
  if (!resources) {
    return fail_with(resources.error());
  }
  table rows({{"TYPE", "type"}, {"NAME", "name"}});
  for (const kafka::resource& one : *resources) {
    rows.add({text_cell(word_of(one.type)), text_cell(name_of(one))});
  }
  rows.print(standard_out(), arguments.is_json);
  return {};
}

struct describe_arguments : resource_arguments {
  bool shows_all = false;
  bool explains = false;
  bool is_json = false;
};

void describe_describe(CLI::App& command, describe_arguments& arguments) {
  add_resource_options(command, arguments);
  command.add_flag("-a,--all", arguments.shows_all, "Settings that have their default, too");
  command.add_flag("--explain", arguments.explains, "What each setting means");
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

void add_setting(table& rows, const kafka::config_entry& entry, bool explains) {
  std::vector<cell> row{
      text_cell(entry.name),
      entry.is_sensitive ? cell{"(hidden)", "null"} : text_or_nothing(entry.value),
      text_cell(text_of(entry.source)), yes_cell(entry.is_read_only)};
  if (explains) {
    row.push_back(text_cell(entry.documentation));
  }
  rows.add(std::move(row));
}

outcome<> describe(kafka::admin& admin, const describe_arguments& arguments) {
  const auto answers = admin.describe_configs({resource_of(arguments.type, arguments.name)});
  if (!answers) {
    return fail_with(answers.error());
  }
  std::vector<column> columns{
      {"SETTING", "name"}, {"VALUE", "value"}, {"FROM", "source"}, {"READ ONLY", "read_only"}};
  if (arguments.explains) {
    columns.push_back({"MEANING", "documentation"});
  }
  table rows(std::move(columns));
  failed_parts failed;
  for (const auto& [resource, entries] : *answers) {
    if (!failed.check(word_of(resource.type) + " " + name_of(resource), entries)) {
      continue;
    }
    for (const kafka::config_entry& entry : *entries) {
      if (arguments.shows_all || !entry.is_default) {
        add_setting(rows, entry, arguments.explains);
      }
    }
  }
  if (failed.verdict()) {
    rows.print(standard_out(), arguments.is_json);
  }
  return failed.verdict();
}

struct change_arguments : resource_arguments {
  std::vector<std::string> settings;
  bool is_trial = false;
};

void add_change_options(CLI::App& command, change_arguments& arguments) {
  command.add_flag("--dry-run", arguments.is_trial, "Only ask whether the cluster would do it");
  add_connection_options(command, arguments.connection);
}

void describe_set(CLI::App& command, change_arguments& arguments) {
  add_resource_options(command, arguments);
  command
      .add_option("setting", arguments.settings,
                  "Settings; NAME+=VALUE adds to a list, NAME-=VALUE takes from it")
      ->type_name("NAME=VALUE")
      ->required();
  add_change_options(command, arguments);
}

void describe_unset(CLI::App& command, change_arguments& arguments) {
  add_resource_options(command, arguments);
  command.add_option("setting", arguments.settings, "Settings that are taken back")
      ->type_name("SETTING")
      ->required();
  add_change_options(command, arguments);
}

outcome<> change(kafka::admin& admin, const change_arguments& arguments,
                 const std::vector<kafka::config_change>& changes) {
  return verdict_on(
      admin.alter_configs({{resource_of(arguments.type, arguments.name), changes}},
                          arguments.is_trial),
      [](const auto& resource) { return word_of(resource.type) + " " + name_of(resource); });
}

outcome<> set(kafka::admin& admin, const change_arguments& arguments) {
  std::vector<kafka::config_change> changes;
  for (const std::string& text : arguments.settings) {
    auto setting = parse_assignment(text, "setting");
    if (!setting) {
      return std::unexpected(setting.error());
    }
    kafka::config_change change{setting->first, setting->second};
    if (change.name.ends_with('+') || change.name.ends_with('-')) {
      change.operation = change.name.back() == '+' ? kafka::config_operation::append
                                                   : kafka::config_operation::subtract;
      change.name.pop_back();
    }
    changes.push_back(std::move(change));
  }
  return change(admin, arguments, changes);
}

outcome<> unset(kafka::admin& admin, const change_arguments& arguments) {
  std::vector<kafka::config_change> changes;
  for (const std::string& name : arguments.settings) {
    changes.push_back({name, std::nullopt, kafka::config_operation::remove});
  }
  return change(admin, arguments, changes);
}

}  // namespace

void add_config_commands(command_tree& tree) {
  CLI::App& config =
      tree.add_group("config", "Settings of topics, brokers, groups, loggers and client metrics.");
  add_administration(tree, config, "list", "Lists what has settings of its own.", describe_list,
                     list);
  add_administration(tree, config, "describe", "Shows settings and where their values come from.",
                     describe_describe, describe);
  add_administration(tree, config, "set", "Changes settings.", describe_set, set);
  add_administration(tree, config, "unset", "Takes settings back.", describe_unset, unset);
}

}  // namespace barnabas::app
