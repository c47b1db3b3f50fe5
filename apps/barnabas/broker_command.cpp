#include "broker_command.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "broker/broker.h"
#include "broker/server_config.h"
#include "frame/output.h"
#include "list_settings.h"
#include "runtime/real_world.h"
#include "runtime/shard.h"

namespace barnabas::app {
namespace {

struct broker_arguments {
  std::string properties_file;         // empty: defaults
  std::vector<std::string> overrides;  // key=value
  bool adopts = false;
  bool lists_settings = false;
};

void describe_broker(CLI::App& command, broker_arguments& arguments) {
  command
      .add_option("settings", arguments.properties_file,
                  "A server.properties file, as Apache Kafka reads it")
      ->type_name("FILE");
  command
      .add_option("--override", arguments.overrides,
                  "A setting, stronger than the file's; may come often")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_flag("--adopt", arguments.adopts,
                   "Take over partitions that are in the log directories but not in the metastore");
  command.add_flag("--list-settings", arguments.lists_settings,
                   "Print every setting with its meaning, default and bounds, and end");
  command.footer(
      "Without FILE the broker listens on port 9092 of all addresses and keeps its data in\n"
      "./data. Its log goes to standard error, and to barnabas.log.file when that is set.");
}

result<std::vector<broker::property>> read_file(const std::string& path) {
  // The world that the broker will run in is made by these settings; this one only lends its files.
  runtime::real_world world({.shards = 1, .file_threads = 1});
  const auto text = world.files().read_text(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto properties = broker::parse_properties(*text);
  return properties ? std::move(properties) : fail(properties.error(), path + ": ");
}

result<broker::server_config> read_settings(const broker_arguments& arguments,
                                            broker::config_remarks& remarks) {
  std::vector<broker::property> properties;
  if (!arguments.properties_file.empty()) {
    auto of_file = read_file(arguments.properties_file);
    if (!of_file) {
      return std::unexpected(of_file.error());
    }
    properties = std::move(*of_file);
  }
  for (const std::string& text : arguments.overrides) {
    auto one = broker::parse_override(text);
    if (!one) {
      return std::unexpected(one.error());
    }
    properties.push_back(std::move(*one));
  }
  auto config = broker::make_server_config(properties, remarks);
  if (config) {
    config->adopts = arguments.adopts;
  }
  return config;
}

void log_remarks(const broker::config_remarks& remarks) {
  for (const std::string& line : remarks.unknown) {
    log(log_level::warn, "broker", line);
  }
  if (!remarks.meaningless.empty()) {
    log(log_level::info, "broker", "settings of Kafka without a meaning here",
        {field("ignored", fmt::format("{}", fmt::join(remarks.meaningless, ",")))});
  }
}

// Connections and segments take a descriptor each; the soft limit is often 1024.
void raise_open_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

std::int64_t ms_since(runtime::steady_time then) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(runtime::shard::current().now() -
                                                               then)
      .count();
}

runtime::task<> wait_for_the_end(runtime::real_world& world) {
  while (co_await world.next_signal({SIGTERM, SIGINT, SIGHUP}) == SIGHUP) {
    const bool is_open = reopen_log_file();
    log(is_open ? log_level::info : log_level::error, "broker",
        is_open ? "log file reopened" : "cannot reopen the log file");
  }
}

runtime::task<int> serve(runtime::real_world& world, broker::server_config config) {
  const runtime::steady_time begin = runtime::shard::current().now();
  broker::broker it(world, std::move(config));
  if (const auto started = co_await it.start(); !started) {
    log(log_level::error, "broker", "cannot start", {field("reason", started.error().message)});
    co_await it.stop();
    co_return 1;
  }
  log(log_level::info, "broker", "started",
      {field("version", BARNABAS_VERSION), field("shards", world.shard_count()),
       field("took_ms", ms_since(begin))});
  co_await wait_for_the_end(world);
  const runtime::steady_time end = runtime::shard::current().now();
  log(log_level::info, "broker", "stopping");
  co_await it.stop();
  log(log_level::info, "broker", "stopped", {field("took_ms", ms_since(end))});
  co_return 0;
}

std::unexpected<failure> does_not_start(const std::string& why) {
  return std::unexpected(failure{exit_code::failed, "the broker does not start:\n" + why, {}});
}

outcome<> run_broker(const broker_arguments& arguments) {
  if (arguments.lists_settings) {
    standard_out().write(settings_page());
    return {};
  }
  broker::config_remarks remarks;
  auto config = read_settings(arguments, remarks);
  if (!config) {
    return does_not_start(config.error().message);
  }
  set_log_level(config->lowest_log_level);
  if (!open_log_file(config->log_file)) {
    return does_not_start(fmt::format("barnabas.log.file={}: cannot be written", config->log_file));
  }
  log_remarks(remarks);
  raise_open_file_limit();
  runtime::real_world world({.shards = config->shards, .file_threads = config->file_threads});
  if (world.run(serve(world, std::move(*config))) != 0) {
    return std::unexpected(failure{exit_code::failed, {}, {}});
  }
  return {};
}

}  // namespace

void add_broker_command(command_tree& tree) {
  tree.add(tree.root(), "broker",
           "Runs a broker until SIGTERM or Ctrl-C; SIGHUP reopens its log file.", describe_broker,
           run_broker);
}

}  // namespace barnabas::app
