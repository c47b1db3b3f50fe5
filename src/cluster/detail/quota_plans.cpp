#include "cluster/detail/quota_plans.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <set>

namespace barnabas::cluster::detail {
namespace {

enum class number_type : std::uint8_t { int32, int64, floating };

struct quota_definition {
  number_type type;
  bool is_of_ips;
};
// In the order of quota_kind.
constexpr std::array<quota_definition, quota_keys.size()> definitions = {{
    {number_type::int64, false},
    {number_type::int64, false},
    {number_type::floating, false},
    {number_type::floating, false},
    {number_type::int32, true},
}};

// Null when the entity has no such quota.
const quota_definition* definition_of(const quota_entity& entity, std::string_view key) {
  const auto found = std::ranges::find(quota_keys, key);
  if (found == quota_keys.end()) {
    return nullptr;
  }
  const auto& definition = definitions[static_cast<std::size_t>(found - quota_keys.begin())];
  return definition.is_of_ips == entity.ip.has_value() ? &definition : nullptr;
}

// As Java writes a double: its shortest digits, plain from 0.001 to below 10,000,000, else
// "1.5E10".
std::string java_double(double value) {
  constexpr double first_plain = 1e-3;
  constexpr double first_large = 1e7;
  if (value >= first_plain && value < first_large) {
    std::string plain = fmt::format("{}", value);
    return plain.find('.') == std::string::npos ? plain + ".0" : plain;
  }
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
  const std::string_view all(text.data(), end.ptr);
  const auto mark = all.find('e');
  std::string digits(all.substr(0, mark));
  int exponent = 0;
  const std::string_view power = all.substr(mark + (all[mark + 1] == '+' ? 2 : 1));
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  return fmt::format("{}{}E{}", digits, digits.find('.') == std::string::npos ? ".0" : "",
                     exponent);
}

result<std::string> written(std::string_view key, number_type type, double value) {
  constexpr double first_past_int32 = 2147483648.0;
  constexpr double first_past_int64 = 9223372036854775808.0;
  if (!std::isfinite(value) || value <= 0) {
    return fail(error_code::invalid_request,
                fmt::format("{}={}: a quota is a number above 0", key, value));
  }
  if (type == number_type::floating) {
    return java_double(value);
  }
  const bool is_short = type == number_type::int32;
  if (value != std::floor(value)) {
    return fail(error_code::invalid_request,
                fmt::format("{}={}: this quota is a whole number", key, value));
  }
  if (value >= (is_short ? first_past_int32 : first_past_int64)) {
    return fail(error_code::invalid_request,
                fmt::format("{}={}: the largest is {}", key, value,
                            is_short ? "2147483647" : "9223372036854775807"));
  }
  return std::to_string(static_cast<std::int64_t>(value));
}

}  // namespace

result<overrides> plan_quotas(const overrides& now, const quota_change& change) {
  overrides node = now;
  std::set<std::string_view> keys;
  for (const quota_edit& edit : change.edits) {
    if (!keys.insert(edit.key).second) {
      return fail(error_code::invalid_request, edit.key + " is named twice");
    }
    const quota_definition* definition = definition_of(change.entity, edit.key);
    if (!edit.value) {
      if (definition != nullptr) {
        node.erase(edit.key);
      }
      continue;
    }
    if (definition == nullptr) {
      return fail(error_code::invalid_request,
                  fmt::format("{} has no quota '{}'",
                              change.entity.ip ? "an ip" : "a user or client", edit.key));
    }
    auto text = written(edit.key, definition->type, *edit.value);
    if (!text) {
      return std::unexpected(std::move(text.error()));
    }
    node[edit.key] = std::move(*text);
  }
  return node;
}

quota_values quota_values_of(const overrides& node, std::string& bad_key) {
  quota_values values;
  for (std::size_t kind = 0; kind < quota_keys.size(); ++kind) {
    const auto found = node.find(quota_keys[kind]);
    if (found == node.end()) {
      continue;
    }
    const std::string& text = found->second;
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size() && value >= 0) {
      values[kind] = value;
    } else {
      bad_key = found->first;
    }
  }
  return values;
}

}  // namespace barnabas::cluster::detail
