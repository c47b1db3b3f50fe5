#include "cluster/detail/setting_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "base/config_definition.h"

namespace barnabas::cluster::detail {
namespace {

std::span<const config_definition> table_of(config_scope scope) {
  switch (scope) {
    case config_scope::topic:
      return topic_configs();
    case config_scope::broker:
      return broker_configs();
    case config_scope::group:
      return group_configs();
  }
  return {};
}

std::unexpected<error> refuse_unknown(config_scope scope, const std::string& key) {
  const std::string_view near = nearest_config_name(table_of(scope), key.substr(0, 100));
  std::string text = scope == config_scope::topic ? "a topic has no setting " + key
                                                  : "a group has no setting " + key;
  if (!near.empty()) {
    text += "; did you mean " + std::string(near) + "?";
  }
  return fail(error_code::invalid_config, std::move(text));
}

// Each override is in the table and has a value that it allows.
result<> validate_known(config_scope scope, const overrides& config) {
  for (const auto& [key, value] : config) {
    const config_definition* definition = find_config(table_of(scope), key);
    if (definition == nullptr) {
      return refuse_unknown(scope, key);
    }
    if (auto valid = validate(*definition, value); !valid) {
      return valid;
    }
  }
  return {};
}

// Whether a broker's setting may be changed at all.
result<> check_changeable(const std::string& key, bool is_for_all) {
  const std::string_view name = without_listener(key);
  const bool is_of_listener = name != key;
  const config_definition* definition = find_config(broker_configs(), name);
  const auto refuse = [&](std::string_view why) {
    return fail(error_code::invalid_request, key + std::string(why));
  };
  if (definition == nullptr) {
    return {};
  }
  if (definition->update == config_update::read_only) {
    return refuse(" does not change while a broker runs");
  }
  if (is_for_all && (is_of_listener || definition->update == config_update::per_broker)) {
    return refuse(" is set for each broker, not for all");
  }
  if (definition->is_sensitive) {
    return refuse(" is a secret, which this version does not keep");
  }
  return {};
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

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "*", or partition:broker pairs separated by commas (KIP-73).
bool names_replicas(std::string_view list) {
  if (list.empty() || list == "*") {
    return true;
  }
  return std::ranges::all_of(std::views::split(list, ','), [](auto part) {
    std::string_view pair(part);
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    pair = pair.substr(0, pair.find_last_not_of(' ') + 1);
    const auto colon = pair.find(':');
    return colon != std::string_view::npos && is_number(pair.substr(0, colon)) &&
           is_number(pair.substr(colon + 1));
  });
}

result<> check_throttled_replicas(const overrides& config) {
  for (const std::string_view key :
       {"leader.replication.throttled.replicas", "follower.replication.throttled.replicas"}) {
    const auto found = config.find(key);
    if (found != config.end() && !names_replicas(found->second)) {
      return fail(
          error_code::invalid_config,
          fmt::format("{}={}: allowed is * or a list of partition:broker", key, found->second));
    }
  }
  return {};
}

// Accepting it would promise that what retention deletes is kept elsewhere.
result<> check_remote_storage(const overrides& config) {
  const auto found = config.find("remote.storage.enable");  // true or false, in either case
  if (found != config.end() && found->second.find_first_of("tT") != std::string::npos) {
    return fail(error_code::invalid_config,
                "remote.storage.enable: this broker has no remote storage");
  }
  return {};
}

}  // namespace

result<> validate_topic_overrides(const overrides& config) {
  if (auto valid = validate_known(config_scope::topic, config); !valid) {
    return valid;
  }
  if (number_in(config, "min.compaction.lag.ms") > number_in(config, "max.compaction.lag.ms")) {
    return fail(error_code::invalid_config,
                "min.compaction.lag.ms is more than max.compaction.lag.ms");
  }
  if (auto valid = check_remote_storage(config); !valid) {
    return valid;
  }
  return check_throttled_replicas(config);
}

namespace {

// Only what was touched: nobody can mend another setting with this request.
result<> validate_broker_overrides(const overrides& config, const overrides& changed,
                                   bool is_for_all) {
  for (const auto& [key, value] : changed) {
    if (auto may = check_changeable(key, is_for_all); !may) {
      return may;
    }
    const config_definition* definition = find_config(broker_configs(), without_listener(key));
    if (definition == nullptr || !config.contains(key)) {
      continue;
    }
    if (auto valid = validate(*definition, value); !valid) {
      return fail(error_code::invalid_request, valid.error().message);
    }
  }
  return {};
}

}  // namespace

result<> validate_overrides(const overrides& config, const overrides& changed,
                            const config_change& change) {
  switch (change.scope) {
    case config_scope::topic:
      return validate_topic_overrides(config);
    case config_scope::broker:
      return validate_broker_overrides(config, changed, change.name.empty());
    case config_scope::group:
      return validate_known(config_scope::group, config);
  }
  return {};
}

std::optional<std::string> default_of_list(config_scope scope, std::string_view key) {
  const config_definition* definition = find_config(table_of(scope), key);
  if (definition == nullptr || definition->type != config_type::list) {
    return std::nullopt;
  }
  return std::string(definition->default_value.value_or(""));
}

}  // namespace barnabas::cluster::detail
