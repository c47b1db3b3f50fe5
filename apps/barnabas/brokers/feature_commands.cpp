#include "brokers/feature_commands.h"

#include <fmt/format.h>

#include <limits>
#include <set>

#include "frame/administrator.h"
#include "frame/human_units.h"
#include "frame/table.h"

namespace barnabas::app {
namespace {

struct list_arguments {
  connection_flags connection;
  bool is_json = false;
};

void describe_list(CLI::App& command, list_arguments& arguments) {
  add_json_option(command, arguments.is_json);
  add_connection_options(command, arguments.connection);
}

using ranges = std::map<std::string, kafka::version_range>;

cell level_cell(const ranges& all, const std::string& name,
                std::int16_t kafka::version_range::* which) {
  const auto found = all.find(name);
  return found == all.end() ? no_value() : count_cell(found->second.*which);
}

outcome<> list_features(kafka::admin& admin, const list_arguments& arguments) {
  const auto features = admin.describe_features();
  if (!features) {
    return fail_with(features.error());
  }
  std::set<std::string> names;
  for (const ranges* all : {&features->supported, &features->finalized}) {
    for (const auto& [name, range] : *all) {
      names.insert(name);
    }
  }
  table rows({{"FEATURE", "feature"},
              {"LOWEST", "lowest"},
              {"HIGHEST", "highest"},
              {"LEVEL", "level"},
              {"EPOCH", "epoch"}});
  for (const std::string& name : names) {
    rows.add({text_cell(name), level_cell(features->supported, name, &kafka::version_range::lowest),
              level_cell(features->supported, name, &kafka::version_range::highest),
              level_cell(features->finalized, name, &kafka::version_range::highest),
              features->epoch < 0 ? no_value() : number_cell(features->epoch)});
  }
  rows.print(standard_out(), arguments.is_json);
  return {};
}

struct update_arguments {
  connection_flags connection;
  std::vector<std::string> levels;
  std::string downgrade;
  bool is_trial = false;
};

void describe_update(CLI::App& command, update_arguments& arguments) {
  command.add_option("feature", arguments.levels, "Levels for all brokers; 0 takes a feature back")
      ->type_name("NAME=LEVEL")
      ->required();
  command
      .add_option("--downgrade", arguments.downgrade,
                  "Levels may be lower than now: safe where nothing is lost by it, unsafe in any "
                  "case")
      ->type_name("HOW")
      ->check(CLI::IsMember({std::string("safe"), std::string("unsafe")}));
  command.add_flag("--dry-run", arguments.is_trial, "Only ask whether the cluster would do it");
  add_connection_options(command, arguments.connection);
}

kafka::feature_change change_of(const std::string& downgrade) {
  return downgrade.empty()     ? kafka::feature_change::upgrade
         : downgrade == "safe" ? kafka::feature_change::safe_downgrade
                               : kafka::feature_change::unsafe_downgrade;
}

outcome<> update_features(kafka::admin& admin, const update_arguments& arguments) {
  std::map<std::string, kafka::feature_update> updates;
  for (const std::string& text : arguments.levels) {
    const auto parts = parse_assignment(text, "feature");
    if (!parts) {
      return std::unexpected(parts.error());
    }
    const auto level = parse_number(parts->second);
    if (!level || *level < 0 || *level > std::numeric_limits<std::int16_t>::max()) {
      return wrong_usage(fmt::format("{}: \"{}\" is no level", parts->first, parts->second),
                         "`barnabas cluster features` shows the levels that there are.");
    }
    updates[parts->first] = {static_cast<std::int16_t>(*level), change_of(arguments.downgrade)};
  }
  return verdict_on(admin.update_features(updates, arguments.is_trial),
                    [](const auto& name) { return "feature " + name; });
}

}  // namespace

void add_feature_commands(command_tree& tree, CLI::App& cluster) {
  add_administration(tree, cluster, "features",
                     "Shows which levels of features the brokers have, and the cluster's.",
                     describe_list, list_features);
  add_administration(tree, cluster, "update-features",
                     "Sets the levels of features of the cluster.", describe_update,
                     update_features);
}

}  // namespace barnabas::app
