#include "pages/pages_commands.h"

#include <fmt/format.h>

#include "frame/output.h"
#include "pages/pages.h"

namespace barnabas::app {
namespace {

struct completion_arguments {
  const CLI::App* program = nullptr;
  std::string shell;
};

void describe_completion(CLI::App& command, completion_arguments& arguments) {
  arguments.program = command.get_parent();
  command.add_option("shell", arguments.shell, "The shell")
      ->type_name("SHELL")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  command.footer(
      "For this session: source <(barnabas completion bash). Installed packages have both in\n"
      "their places.");
}

outcome<> print_completion(const completion_arguments& arguments) {
  const command_facts program = facts_of(*arguments.program);
  standard_out().write(arguments.shell == "bash" ? bash_completion(program)
                                                 : zsh_completion(program));
  return {};
}

struct manual_arguments {
  const CLI::App* program = nullptr;
  std::string command;
  bool is_markdown = false;
};

void describe_manual(CLI::App& command, manual_arguments& arguments) {
  arguments.program = command.get_parent();
  command.add_option("command", arguments.command, "The command; the program itself without")
      ->type_name("COMMAND");
  command.add_flag("--markdown", arguments.is_markdown, "All commands in one page of Markdown");
  command.footer("To read it: barnabas manual topic | man -l -");
}

outcome<> print_manual(const manual_arguments& arguments) {
  const command_facts program = facts_of(*arguments.program);
  if (arguments.is_markdown) {
    standard_out().write(markdown_page(program));
    return {};
  }
  if (arguments.command.empty()) {
    standard_out().write(manual_page(program, program));
    return {};
  }
  const auto found = std::ranges::find(program.commands, arguments.command, &command_facts::name);
  if (found == program.commands.end()) {
    return not_found(fmt::format("there is no command {}", arguments.command),
                     "barnabas --help lists them.");
  }
  standard_out().write(manual_page(program, *found));
  return {};
}

}  // namespace

void add_pages_commands(command_tree& tree) {
  tree.add(tree.root(), "completion", "Prints a script that completes commands in a shell.",
           describe_completion, [&tree](const completion_arguments& arguments) {
             tree.describe_all();
             return print_completion(arguments);
           });
  tree.add(tree.root(), "manual", "Prints manual pages.", describe_manual,
           [&tree](const manual_arguments& arguments) {
             tree.describe_all();
             return print_manual(arguments);
           });
}

}  // namespace barnabas::app
