#include "broker/detail/setting_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/config_definition.h"

namespace barnabas::broker::detail {
namespace {

// Beginnings of settings that belong to parts of Kafka which this version does not have.
constexpr std::array<std::string_view, 23> absent{"authorizer.",
                                                  "controlled.shutdown.",
                                                  "delegation.token.",
                                                  "follower.",
                                                  "group.consumer.",
                                                  "group.coordinator.",
                                                  "group.share.",
                                                  "group.streams.",
                                                  "inter.broker.",
                                                  "leader.",
                                                  "num.replica.",
                                                  "password.encoder.",
                                                  "principal.builder.",
                                                  "replica.",
                                                  "sasl.",
                                                  "security.",
                                                  "share.",
                                                  "ssl.allow.",
                                                  "ssl.endpoint.",
                                                  "ssl.principal.",
                                                  "ssl.protocol",
                                                  "transaction",
                                                  "zookeeper."};

bool is_absent(std::string_view key) {
  return std::ranges::any_of(absent,
                             [key](std::string_view prefix) { return key.starts_with(prefix); });
}

std::string trimmed(const std::string& text) {
  constexpr std::string_view blanks = " \t\r\n\f";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string::npos ? ""
                                    : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string unknown_line(const property& it) {
  const std::string_view nearest = nearest_config_name(broker_configs(), it.key);
  const std::string where = it.line > 0 ? fmt::format(" in line {}", it.line) : "";
  return nearest.empty() ? fmt::format("unknown setting {}{}", it.key, where)
                         : fmt::format("unknown setting {}{}; the nearest known one is {}", it.key,
                                       where, nearest);
}

}  // namespace

bool has_meaning(std::string_view key) {
  const std::string_view base = without_listener(key);
  if (base != key) {
    return base == "max.connections" || base == "max.connection.creation.rate" ||
           (base.starts_with("ssl.") && has_meaning(base));
  }
  const config_definition* known = find_config(broker_configs(), key);
  return known != nullptr && !known->is_ignored() && !is_absent(key);
}

cluster::overrides checked_values(const std::vector<property>& properties, config_remarks& remarks,
                                  std::vector<std::string>& complaints) {
  cluster::overrides values;
  std::map<std::string, const property*> last;
  for (const property& it : properties) {
    last[it.key] = &it;
  }
  for (const auto& [key, it] : last) {
    const config_definition* known = find_config(broker_configs(), without_listener(key));
    if (known == nullptr) {
      without_listener(key) != key ? remarks.meaningless.push_back(key)
                                   : remarks.unknown.push_back(unknown_line(*it));
      continue;
    }
    if (!has_meaning(key)) {
      remarks.meaningless.push_back(key);
    }
    if (const auto valid = known->is_ignored() ? result<>{} : validate(*known, it->value); !valid) {
      complaints.push_back(valid.error().message);
      continue;
    }
    values[key] = known->type == config_type::password ? it->value : trimmed(it->value);
  }
  return values;
}

}  // namespace barnabas::broker::detail
