#include "client/setting_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/ensure.h"

namespace barnabas::client {
namespace {

std::string_view real_name(const settings_table& table, std::string_view name) {
  const auto found = std::ranges::find(table.aliases, name, &setting_alias::alias);
  return found == table.aliases.end() ? name : found->name;
}

std::string unknown_setting(const settings_table& table, std::string_view name) {
  std::string_view near = nearest_config_name(table.settings, name);
  for (const setting_alias& each : table.aliases) {
    if (near.empty() && each.alias.starts_with(name)) {
      near = each.alias;
    }
  }
  return near.empty() ? fmt::format("there is no setting {}", name)
                      : fmt::format("there is no setting {}; did you mean {}?", name, near);
}

}  // namespace

result<setting_values> setting_values::check(const settings_table& table,
                                             const std::map<std::string, std::string>& given) {
  setting_values checked;
  for (const auto& [name, text] : given) {
    const std::string_view real = real_name(table, name);
    const config_definition* const known = find_config(table.settings, real);
    if (known == nullptr) {
      return fail(error_code::invalid_config, unknown_setting(table, name));
    }
    if (auto valid = validate(*known, text); !valid) {
      return fail(std::move(valid.error()));
    }
    if (!checked.values_.emplace(std::string(real), value{text, true}).second) {
      return fail(error_code::invalid_config,
                  fmt::format("{} is given twice, under two of its names", real));
    }
  }
  for (const config_definition& each : table.settings) {
    if (each.is_required && !checked.values_.contains(each.name)) {
      return fail(error_code::invalid_config, fmt::format("{} is missing", each.name));
    }
    checked.values_.try_emplace(std::string(each.name),
                                std::string(each.default_value.value_or("")), false);
  }
  return checked;
}

const setting_values::value& setting_values::find(std::string_view name) const {
  const auto found = values_.find(name);
  ensure(found != values_.end(), "a setting of the table");
  return found->second;
}

const std::string& setting_values::text(std::string_view name) const {
  return find(name).text;
}

double setting_values::fraction(std::string_view name) const {
  const std::string& all = text(name);
  double number = 0;
  std::from_chars(all.data(), all.data() + all.size(), number);
  return number;
}

std::int64_t setting_values::number(std::string_view name) const {
  return static_cast<std::int64_t>(fraction(name));  // every integer setting fits exactly
}

bool setting_values::flag(std::string_view name) const {
  return text(name) == "true";
}

runtime::duration setting_values::milliseconds(std::string_view name) const {
  return runtime::duration(static_cast<std::int64_t>(fraction(name) * 1e6));
}

bool setting_values::was_given(std::string_view name) const {
  return find(name).was_given;
}

}  // namespace barnabas::client
