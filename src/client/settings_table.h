// The settings of each kind of client: generated from
// schema/config/library*.txt into constant data.
#pragma once

#include <span>
#include <string_view>

#include "base/config_definition.h"

namespace barnabas::client {

// Another spelling of a setting's name.
struct setting_alias {
  std::string_view alias;
  std::string_view name;
};

struct settings_table {
  std::span<const config_definition> settings;  // in the order of the names
  std::span<const setting_alias> aliases;       // in the order of the aliases
};

settings_table producer_settings();
settings_table consumer_settings();
settings_table admin_settings();

}  // namespace barnabas::client
