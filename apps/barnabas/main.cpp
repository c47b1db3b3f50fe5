#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "broker_command.h"
#include "list_settings.h"

int main(int argc, char** argv) {
  CLI::App app("Barnabas: an event streaming platform that speaks Apache Kafka's protocol.",
               "barnabas");
  app.set_version_flag("--version", "barnabas " BARNABAS_VERSION);
  app.require_subcommand(1);
  app.footer("barnabas COMMAND --help tells more about a command.");

  CLI::App* broker = app.add_subcommand(
      "broker", "Runs a broker until SIGTERM or Ctrl-C; SIGHUP reopens its log file.");
  barnabas::app::broker_arguments arguments;
  broker
      ->add_option("settings", arguments.properties_file,
                   "A server.properties file, as Apache Kafka reads it")
      ->type_name("FILE");
  broker
      ->add_option("--override", arguments.overrides,
                   "A setting, stronger than the file's; may come often")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  broker->add_flag("--adopt", arguments.adopts,
                   "Take over partitions that are in the log directories but not in the metastore");
  bool lists_settings = false;
  broker->add_flag("--list-settings", lists_settings,
                   "Print every setting with its meaning, default and bounds, and end");
  broker->footer(
      "Without FILE the broker listens on port 9092 of all addresses and keeps its data in "
      "./data.\n"
      "Its log goes to standard error, and to barnabas.log.file when that is set.");
  CLI11_PARSE(app, argc, argv);
  if (lists_settings) {
    fmt::print("{}", barnabas::app::settings_page());
    return 0;
  }
  return barnabas::app::run_broker(arguments);
}
