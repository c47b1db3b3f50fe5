#include "frame/connection.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "broker/properties.h"
#include "client/settings_table.h"
#include "frame/clusters_file.h"
#include "frame/outside_world.h"

namespace barnabas::app {
namespace {

constexpr std::string_view brokers_name = "bootstrap.servers";
constexpr std::string_view variable_prefix = "BARNABAS_CLIENT_";

constexpr std::array variables{
    environment_variable{"BARNABAS_BROKERS", "Brokers to ask first, as -b."},
    environment_variable{"BARNABAS_CLUSTER",
                         "A cluster of the clusters' file, as --cluster, but weaker than the "
                         "other variables."},
    environment_variable{"BARNABAS_CLIENT_NAME",
                         "A setting of the client: BARNABAS_CLIENT_SASL_PASSWORD is "
                         "sasl.password."},
    environment_variable{"BARNABAS_CLUSTERS",
                         "The file of clusters; else barnabas/clusters in XDG_CONFIG_HOME or "
                         "~/.config."},
    environment_variable{"NO_COLOR", "No colours, also on a terminal."},
};

client::settings_table table_of(client_kind kind) {
  switch (kind) {
    case client_kind::admin:
      return client::admin_settings();
    case client_kind::producer:
      return client::producer_settings();
    case client_kind::consumer:
      return client::consumer_settings();
  }
  return {};
}

std::string_view canonical_name(const client::settings_table& table, std::string_view name) {
  const auto found = std::ranges::find(table.aliases, name, &client::setting_alias::alias);
  return found == table.aliases.end() ? name : found->name;
}

bool knows(client_kind kind, std::string_view name) {
  const auto table = table_of(kind);
  return find_config(table.settings, canonical_name(table, name)) != nullptr;
}

bool is_of_others(client_kind kind, std::string_view name) {
  return !knows(kind, name) &&
         (knows(client_kind::admin, name) || knows(client_kind::producer, name) ||
          knows(client_kind::consumer, name));
}

void lay_over(kafka::settings& settings, const kafka::settings& stronger) {
  for (const auto& [name, value] : stronger) {
    settings[std::string(canonical_name(
        client::producer_settings(), canonical_name(client::consumer_settings(), name)))] = value;
  }
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// BARNABAS_CLIENT_SASL_PASSWORD=secret: sasl.password=secret
kafka::settings settings_of_environment() {
  kafka::settings settings;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::size_t equals = text.find('=');
    if (!text.starts_with(variable_prefix) || equals == std::string_view::npos) {
      continue;
    }
    std::string name(text.substr(variable_prefix.size(), equals - variable_prefix.size()));
    std::ranges::transform(name, name.begin(), [](char c) {
      return c == '_' ? '.' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c;
    });
    settings[name] = text.substr(equals + 1);
  }
  if (const std::string brokers = environment("BARNABAS_BROKERS"); !brokers.empty()) {
    settings[std::string(brokers_name)] = brokers;
  }
  return settings;
}

outcome<clusters_file> read_clusters() {
  const std::string path = clusters_path();
  if (!files().exists(path)) {
    return clusters_file();
  }
  const auto text = files().read_text(path);
  return text ? parse_clusters(*text, path) : fail_with(text.error());
}

outcome<kafka::settings> settings_of(const clusters_file& file, const std::string& cluster) {
  if (cluster.empty()) {
    return kafka::settings();
  }
  const auto found = file.clusters.find(cluster);
  if (found != file.clusters.end()) {
    return found->second;
  }
  std::vector<std::string> known;
  for (const auto& [name, settings] : file.clusters) {
    known.push_back(name);
  }
  return wrong_usage(fmt::format("there is no cluster {} in {}", cluster, clusters_path()),
                     known.empty() ? "A line [" + cluster + "] there begins its settings."
                                   : fmt::format("It has: {}", fmt::join(known, ", ")));
}

outcome<kafka::settings> settings_of_properties(const std::string& path) {
  kafka::settings settings;
  if (path.empty()) {
    return settings;
  }
  const auto text = files().read_text(path);
  if (!text) {
    return fail_with(text.error());
  }
  const auto properties = broker::parse_properties(*text);
  if (!properties) {
    return fail_with(properties.error(), path + ": ");
  }
  for (const broker::property& one : *properties) {
    settings[one.key] = one.value;
  }
  return settings;
}

outcome<kafka::settings> settings_of_flags(const connection_flags& flags) {
  kafka::settings settings;
  if (!flags.brokers.empty()) {
    settings[std::string(brokers_name)] = flags.brokers;
  }
  for (const std::string& text : flags.settings) {
    const auto one = broker::parse_override(text);
    if (!one) {
      return wrong_usage(fmt::format("-X {}: it must be SETTING=VALUE", text));
    }
    settings[one->key] = one->value;
  }
  return settings;
}

}  // namespace

std::span<const environment_variable> environment_variables() {
  return variables;
}

void add_connection_options(CLI::App& command, connection_flags& flags) {
  const std::string group(connection_group);
  command.add_option("-b,--brokers", flags.brokers, "Brokers to ask first (localhost:9092)")
      ->type_name("HOST:PORT,...")
      ->group(group);
  command.add_option("--cluster", flags.cluster, "A cluster of the clusters' file")
      ->type_name("NAME")
      ->group(group);
  command.add_option("-F,--settings-file", flags.file, "Settings of the client, as properties")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("-X,--setting", flags.settings,
                  "A setting of the client, as in -X security.protocol=ssl; may come often")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->group(group);
}

void add_json_option(CLI::App& command, bool& is_json) {
  command.add_flag("--json", is_json, "Print one JSON object a line, numbers without units");
}

outcome<kafka::settings> client_settings(const connection_flags& flags, client_kind kind,
                                         const kafka::settings& defaults) {
  const auto file = read_clusters();
  if (!file) {
    return std::unexpected(file.error());
  }
  const std::string asked = environment("BARNABAS_CLUSTER");
  const auto usual = settings_of(*file, asked.empty() ? file->default_cluster : asked);
  const auto chosen = settings_of(*file, flags.cluster);
  const auto of_properties = settings_of_properties(flags.file);
  const auto of_flags = settings_of_flags(flags);
  for (const auto* part : {&chosen, &of_properties, &of_flags}) {
    if (!*part) {
      return std::unexpected(part->error());
    }
  }
  if (!usual && flags.cluster.empty()) {
    return std::unexpected(usual.error());
  }
  kafka::settings settings{{std::string(brokers_name), "localhost:9092"}};
  for (const kafka::settings& layer :
       {defaults, file->for_all, flags.cluster.empty() ? *usual : kafka::settings(),
        settings_of_environment(), *chosen, *of_properties, *of_flags}) {
    lay_over(settings, layer);
  }
  std::erase_if(settings, [&](const auto& one) { return is_of_others(kind, one.first); });
  return settings;
}

}  // namespace barnabas::app
