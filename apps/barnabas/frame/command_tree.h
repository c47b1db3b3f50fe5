// All commands of the program with their options: parsed, helped with, and walked by those who make
// pages of them (pages/). Parsing chooses a command; then it runs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

#include "frame/failure.h"

namespace barnabas::app {

class command_tree {
 public:
  command_tree();
  CLI::App& root() { return root_; }

  // A command that only has others below it.
  CLI::App& add_group(const std::string& name, const std::string& description);

  // A command: `describe` adds options that are kept in Arguments, which live as long as this. It
  // is called when the command is met: adding the options of all takes longer than a short command.
  template <class Arguments>
  CLI::App& add(CLI::App& parent, const std::string& name, const std::string& description,
                void (*describe)(CLI::App&, Arguments&),
                std::type_identity_t<std::function<outcome<>(const Arguments&)>> run) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App& command = *parent.add_subcommand(name, description);
    undescribed_[&command] = [&command, arguments, describe] { describe(command, *arguments); };
    command.preparse_callback([this, &command](std::size_t) { describe_now(command); });
    command.callback(
        [this, arguments, run] { chosen_ = [arguments, run] { return run(*arguments); }; });
    return command;
  }

  // For those who look at all commands.
  void describe_all();

  // The exit code.
  int run(int count, char** arguments);

 private:
  // Printing help or a usage error is CLI11's; its own exit codes are not ours.
  exit_code explain(const CLI::ParseError& stopped, std::span<char* const> words);

  void describe_now(CLI::App& command);

  CLI::App root_;
  std::map<CLI::App*, std::function<void()>> undescribed_;
  std::function<outcome<>()> chosen_;
};

}  // namespace barnabas::app
