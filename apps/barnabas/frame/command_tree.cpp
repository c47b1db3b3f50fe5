#include "frame/command_tree.h"

#include <fmt/format.h>

#include "frame/output.h"

namespace barnabas::app {

command_tree::command_tree()
    : root_("Barnabas: an event streaming platform that speaks Apache Kafka's protocol.",
            "barnabas") {
  root_.set_version_flag("--version", "barnabas " BARNABAS_VERSION);
  root_.require_subcommand(1);
}

CLI::App& command_tree::add_group(const std::string& name, const std::string& description) {
  CLI::App& group = *root_.add_subcommand(name, description);
  group.require_subcommand(1);
  return group;
}

int command_tree::run(int count, char** arguments) {
  // Not before: commands would have it from the root.
  root_.footer("barnabas COMMAND --help tells more about a command.");
  // Printing help or a usage error is CLI11's; its own exit codes are not ours.
  try {
    root_.parse(count, arguments);
  } catch (const CLI::ParseError& stopped) {
    return static_cast<int>(root_.exit(stopped) == 0 ? exit_code::done : exit_code::wrong_usage);
  }
  const outcome<> done = chosen_();
  standard_out().flush();
  if (!done) {
    print_failure(done.error());
    return static_cast<int>(done.error().code);
  }
  return static_cast<int>(exit_code::done);
}

}  // namespace barnabas::app
