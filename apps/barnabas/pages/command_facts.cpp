#include "pages/command_facts.h"

#include <fmt/format.h>

#include "frame/connection.h"

namespace barnabas::app {
namespace {

// "TYPE:{none,gzip}" is TYPE, one of none and gzip.
void take_type(option_facts& facts, const std::string& type) {
  const std::size_t choices = type.find(":{");
  facts.value_name = type.substr(0, choices);
  if (choices != std::string::npos) {
    facts.choices = CLI::detail::split(type.substr(choices + 2, type.size() - choices - 3), ',');
  }
}

option_facts facts_of(const CLI::Option& option) {
  option_facts facts;
  for (const std::string& name : option.get_snames()) {
    facts.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    facts.names.push_back("--" + name);
  }
  if (option.get_items_expected_max() > 0) {
    take_type(facts, option.get_type_name());
  }
  facts.description = option.get_description();
  facts.default_text = option.get_default_str();
  facts.is_required = option.get_required();
  facts.takes_many = option.get_items_expected_max() > 1;
  facts.is_of_connection = option.get_group() == connection_group;
  return facts;
}

}  // namespace

bool command_facts::talks_to_brokers() const {
  return std::ranges::any_of(options, &option_facts::is_of_connection);
}

command_facts facts_of(const CLI::App& command, const std::string& path) {
  command_facts facts{.name = command.get_name(),
                      .path = path,
                      .description = command.get_description(),
                      .footer = command.get_footer()};
  for (const CLI::Option* option : command.get_options()) {
    if (option != command.get_help_ptr()) {
      (option->get_positional() ? facts.positionals : facts.options).push_back(facts_of(*option));
    }
  }
  for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string& name = below->get_name();
    facts.commands.push_back(facts_of(*below, path.empty() ? name : path + " " + name));
  }
  return facts;
}

std::string usage_of(const command_facts& command) {
  std::string usage = "barnabas";
  if (!command.path.empty()) {
    usage += " " + command.path;
  }
  for (const option_facts& one : command.positionals) {
    const std::string text = one.value_name + (one.takes_many ? "..." : "");
    usage += one.is_required ? " " + text : " [" + text + "]";
  }
  usage += command.commands.empty() ? "" : " COMMAND";
  return command.options.empty() ? usage : usage + " [OPTIONS]";
}

std::string synopsis_of(const option_facts& option) {
  if (option.names.empty()) {
    return option.value_name;
  }
  const std::string names = fmt::format("{}", fmt::join(option.names, ", "));
  return option.value_name.empty() ? names : names + " " + option.value_name;
}

}  // namespace barnabas::app
