#include "frame/command_tree.h"

#include <fmt/format.h>

#include "frame/output.h"
#include "frame/usage_advice.h"

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

void command_tree::describe_now(CLI::App& command) {
  if (const auto found = undescribed_.extract(&command)) {
    found.mapped()();
  }
}

void command_tree::describe_all() {
  while (!undescribed_.empty()) {
    describe_now(*undescribed_.begin()->first);
  }
}

exit_code command_tree::explain(const CLI::ParseError& stopped, std::span<char* const> words) {
  if (stopped.get_exit_code() != 0) {
    if (const auto unknown = unknown_command(root_, words)) {
      print_failure(*unknown);
      return unknown->code;
    }
  }
  const bool is_help = root_.exit(stopped) == 0;
  if (const auto advice = usage_advice(stopped.what()); !is_help && !advice.empty()) {
    fmt::print(stderr, "{}\n", advice);
  }
  return is_help ? exit_code::done : exit_code::wrong_usage;
}

int command_tree::run(int count, char** arguments) {
  // Not before: commands would have it from the root.
  root_.footer("barnabas COMMAND --help tells more about a command.");
  try {
    root_.parse(count, arguments);
  } catch (const CLI::ParseError& stopped) {
    return static_cast<int>(explain(stopped, std::span(arguments, arguments + count).subspan(1)));
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
