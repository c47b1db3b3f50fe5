// The tables of settings: what each may be, means, and falls back to. Generated from schema/config
// into constant data that every shard reads; validation, help texts and DescribeConfigs follow from
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace barnabas {

// The values are those of DescribeConfigs (KIP-569).
enum class config_type : std::int8_t {
  boolean = 1,
  string = 2,
  int32 = 3,
  int16 = 4,
  int64 = 5,
  float64 = 6,
  list = 7,  // separated by commas
  class_name = 8,
  password = 9
};

// Whether a setting changes while the broker runs (KIP-226).
enum class config_update : std::int8_t {
  read_only,
  per_broker,
  cluster_wide,
  per_topic,
  per_group
};

// A setting that stands in for another one that is not set, times a factor: hours for milliseconds.
struct config_fallback {
  std::string_view name;
  std::int64_t factor;
};

struct config_definition {
  std::string_view name;
  config_type type;
  std::optional<std::string_view> default_value;
  double lowest;  // of numbers; infinite for no bound but the type's
  double highest;
  std::optional<double> besides;  // allowed outside of these bounds, as in "1 to 9 or -1"
  std::string_view choices;       // "a, b, c"; for a list, of each element; empty: any
  bool ignores_case;
  bool is_filled;  // an empty value is refused
  std::string_view unit;
  config_update update;
  bool is_sensitive;                 // never shown
  bool is_required;                  // of clients
  std::string_view ignored_because;  // "Java's"; empty when the setting has a meaning here
  std::span<const config_fallback> fallbacks;
  std::string_view documentation;

  bool is_ignored() const { return !ignored_because.empty(); }
};

// Each in the order of the names.
std::span<const config_definition> broker_configs();
std::span<const config_definition> topic_configs();
std::span<const config_definition> group_configs();
std::span<const config_definition> producer_configs();
std::span<const config_definition> consumer_configs();
std::span<const config_definition> admin_configs();

// Null for an unknown name.
const config_definition* find_config(std::span<const config_definition> table,
                                     std::string_view name);

// "listener.name.inside.max.connections" is max.connections of one listener: that name; else the
// text itself.
std::string_view without_listener(std::string_view name);

// The name of the table that a person who wrote `text` most likely meant; empty when none is near.
std::string_view nearest_config_name(std::span<const config_definition> table,
                                     std::string_view text);

// What a value may be, as in "a whole number, at least 0" or "one of delete, compact".
std::string allowed_text(const config_definition& definition);

// invalid_config when `value` cannot be one of this setting; the message names setting, value
// (unless it is sensitive) and what is allowed.
result<> validate(const config_definition& definition, std::string_view value);

}  // namespace barnabas
