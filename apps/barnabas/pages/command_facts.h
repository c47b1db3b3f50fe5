// What the tree of commands says of itself, for those who make pages of it: manual pages, shell
// completions, docs/command-line.md. A copy; the tree may go.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::app {

struct option_facts {
  std::vector<std::string> names;  // "-b", "--brokers"; none of a positional one
  std::string value_name;          // empty for a flag
  std::vector<std::string> choices;
  std::string description;
  std::string default_text;
  bool is_required = false;
  bool takes_many = false;
  bool is_of_connection = false;
};

struct command_facts {
  std::string name;
  std::string path;  // "topic create"; empty for the program
  std::string description;
  std::string footer;
  std::vector<option_facts> options;  // without -h
  std::vector<option_facts> positionals;
  std::vector<command_facts> commands;

  bool talks_to_brokers() const;  // it has the options of a connection
};

command_facts facts_of(const CLI::App& command, const std::string& path = {});

// "barnabas topic create TOPIC... [OPTIONS]"
std::string usage_of(const command_facts& command);
// "-n, --partitions N"; of a positional one "TOPIC"
std::string synopsis_of(const option_facts& option);

}  // namespace barnabas::app
