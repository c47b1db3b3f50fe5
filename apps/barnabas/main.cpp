#include <CLI/CLI.hpp>

#include "broker_command.h"

int main(int argc, char** argv) {
  CLI::App app("Barnabas: an event streaming platform that speaks Apache Kafka's protocol.", "barnabas");
  app.set_version_flag("--version", "barnabas " BARNABAS_VERSION);
  app.require_subcommand(1);

  CLI::App* broker = app.add_subcommand("broker", "Runs a broker until SIGTERM or Ctrl-C; SIGHUP reopens its log file.");
  barnabas::app::broker_arguments arguments;
  broker->add_option("settings", arguments.properties_file, "A server.properties file, as Apache Kafka reads it")
      ->type_name("FILE");
  broker->add_option("--override", arguments.overrides, "A setting, stronger than the file's; may come often")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  broker->add_flag("--adopt", arguments.adopts,
                   "Take over partitions that are in the log directories but not in the metastore");
  CLI11_PARSE(app, argc, argv);
  return barnabas::app::run_broker(arguments);
}
