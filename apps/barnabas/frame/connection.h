// Where the brokers are and how they are spoken to: the flags that every command has which talks to
// them, and the settings that they come to. Stronger ones last: the command's own defaults, the
// file of clusters (for all, then the cluster), the environment, --cluster, -F, -b, -X.
#pragma once

#include <barnabas/settings.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frame/failure.h"

namespace CLI {
class App;
}

namespace barnabas::app {

struct connection_flags {
  std::string brokers;
  std::string cluster;
  std::string file;
  std::vector<std::string> settings;  // key=value
};

// The group of options that add_connection_options() makes.
inline constexpr std::string_view connection_group = "Connection";
void add_connection_options(CLI::App& command, connection_flags& flags);
// --json, for commands that print tables.
void add_json_option(CLI::App& command, bool& is_json);

// What the environment may say.
struct environment_variable {
  std::string_view name;
  std::string_view meaning;
};
std::span<const environment_variable> environment_variables();

enum class client_kind { admin, producer, consumer };

// Settings that only other kinds of clients have are left out, so that a cluster can have some for
// each. bootstrap.servers is localhost:9092 when nobody says otherwise.
outcome<kafka::settings> client_settings(const connection_flags& flags, client_kind kind,
                                         const kafka::settings& defaults = {});

}  // namespace barnabas::app
