#include "cluster/detail/setting_rules.h"

#include <charconv>

#include "base/config_definition.h"

namespace barnabas::cluster::detail {
namespace {

result<> refuse_unknown(const std::string& key) {
  const std::string_view near = nearest_config_name(topic_configs(), key.substr(0, 100));
  std::string text = "a topic has no setting " + key;
  if (!near.empty()) {
    text += "; did you mean " + std::string(near) + "?";
  }
  return fail(error_code::invalid_config, std::move(text));
}

// The override or else the default; both are numbers.
std::int64_t number_in(const overrides& config, std::string_view key) {
  const auto found = config.find(key);
  const std::string_view text =
      found != config.end() ? std::string_view(found->second)
                            : find_config(topic_configs(), key)->default_value.value_or("0");
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

result<> validate_topic_overrides(const overrides& config) {
  for (const auto& [key, value] : config) {
    const config_definition* definition = find_config(topic_configs(), key);
    if (!definition) {
      return refuse_unknown(key);
    }
    if (auto valid = validate(*definition, value); !valid) {
      return valid;
    }
  }
  if (number_in(config, "min.compaction.lag.ms") > number_in(config, "max.compaction.lag.ms")) {
    return fail(error_code::invalid_config,
                "min.compaction.lag.ms is more than max.compaction.lag.ms");
  }
  return {};
}

result<> validate_broker_overrides(const overrides& config, const overrides& changed,
                                   bool is_for_all) {
  for (const auto& [key, value] : changed) {
    const config_definition* definition = find_config(broker_configs(), key);
    if (definition && definition->update == config_update::read_only) {
      return fail(error_code::invalid_request, key + " does not change while a broker runs");
    }
    if (definition && is_for_all && definition->update == config_update::per_broker) {
      return fail(error_code::invalid_request, key + " is set for each broker, not for all");
    }
  }
  for (const auto& [key, value] : config) {
    const config_definition* definition = find_config(broker_configs(), key);
    if (!definition) {
      continue;
    }
    if (auto valid = validate(*definition, value); !valid) {
      return valid;
    }
  }
  return {};
}

std::optional<std::string> default_of_list(config_scope scope, std::string_view key) {
  const config_definition* definition =
      find_config(scope == config_scope::topic ? topic_configs() : broker_configs(), key);
  if (!definition || definition->type != config_type::list) {
    return std::nullopt;
  }
  return std::string(definition->default_value.value_or(""));
}

}  // namespace barnabas::cluster::detail
