#include "base/config_definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

namespace barnabas {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// The elements of a list, without the spaces around them; none for an empty list.
std::vector<std::string_view> elements_of(std::string_view list) {
  std::vector<std::string_view> elements;
  list = trimmed(list);
  while (!list.empty()) {
    const auto comma = list.find(',');
    elements.push_back(trimmed(list.substr(0, comma)));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return elements;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_same(std::string_view left, std::string_view right, bool ignores_case) {
  return std::ranges::equal(
      left, right, [&](char a, char b) { return ignores_case ? lower(a) == lower(b) : a == b; });
}

bool is_choice(const config_definition& definition, std::string_view value) {
  return std::ranges::any_of(elements_of(definition.choices), [&](std::string_view choice) {
    return is_same(choice, value, definition.ignores_case);
  });
}

template <class Number>
std::optional<double> number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size()
             ? std::optional(static_cast<double>(value))
             : std::nullopt;
}

std::optional<double> number_of(config_type type, std::string_view text) {
  switch (type) {
    case config_type::int16:
      return number<std::int16_t>(text);
    case config_type::int32:
      return number<std::int32_t>(text);
    case config_type::int64:
      return number<std::int64_t>(text);
    default:
      return number<double>(text);
  }
}

bool is_number(config_type type) {
  return type == config_type::int16 || type == config_type::int32 || type == config_type::int64 ||
         type == config_type::float64;
}

bool is_allowed_number(const config_definition& definition, std::string_view text) {
  const auto value = number_of(definition.type, text);
  return value && !std::isnan(*value) &&
         ((*value >= definition.lowest && *value <= definition.highest) ||
          value == definition.besides);
}

bool is_allowed(const config_definition& definition, std::string_view value) {
  if (definition.type == config_type::boolean) {
    return is_same(value, "true", true) || is_same(value, "false", true);
  }
  if (is_number(definition.type)) {
    return is_allowed_number(definition, value);
  }
  if (definition.is_filled && value.empty()) {
    return false;
  }
  if (definition.choices.empty()) {
    return true;
  }
  return definition.type != config_type::list
             ? is_choice(definition, value)
             : std::ranges::all_of(elements_of(value),
                                   [&](std::string_view it) { return is_choice(definition, it); });
}

std::string type_text(config_type type) {
  switch (type) {
    case config_type::boolean:
      return "true or false";
    case config_type::int16:
      return "a whole number up to 32767";
    case config_type::int32:
      return "a whole number up to 2147483647";
    case config_type::int64:
      return "a whole number";
    case config_type::float64:
      return "a number";
    case config_type::list:
      return "a list separated by commas";
    case config_type::class_name:
      return "a class name";
    case config_type::string:
    case config_type::password:
      return "a text";
  }
  return {};
}

std::string bounds_text(const config_definition& definition) {
  std::string text;
  if (std::isfinite(definition.lowest)) {
    text = std::isfinite(definition.highest)
               ? fmt::format(", {} to {}", definition.lowest, definition.highest)
               : fmt::format(", at least {}", definition.lowest);
  }
  return definition.besides ? text + fmt::format(", or {}", *definition.besides) : text;
}

// Steps of one letter inserted, deleted or replaced, or two neighbours exchanged, that make one
// text of the other.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before, previous(right.size() + 1), current(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) {
    previous[j] = j;
  }
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      current[j] = std::min(
          {previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (left[i - 1] != right[j - 1])});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    before = previous;
    previous = current;
  }
  return previous[right.size()];
}

}  // namespace

const config_definition* find_config(std::span<const config_definition> table,
                                     std::string_view name) {
  const auto at = std::ranges::lower_bound(table, name, {}, &config_definition::name);
  return at != table.end() && at->name == name ? &*at : nullptr;
}

std::string_view without_listener(std::string_view name) {
  constexpr std::string_view prefix = "listener.name.";
  const auto end_of_listener =
      name.starts_with(prefix) ? name.find('.', prefix.size()) : std::string_view::npos;
  return end_of_listener == std::string_view::npos ? name : name.substr(end_of_listener + 1);
}

std::string_view nearest_config_name(std::span<const config_definition> table,
                                     std::string_view text) {
  constexpr std::size_t longest = 200;
  if (text.size() > longest) {
    return {};
  }
  // A third of the letters may be wrong.
  std::size_t best = text.size() / 3 + 1;
  std::string_view nearest;
  for (const config_definition& it : table) {
    const std::size_t off = distance(text, it.name);
    if (off < best) {
      best = off;
      nearest = it.name;
    }
  }
  return nearest;
}

std::string allowed_text(const config_definition& definition) {
  if (!definition.choices.empty()) {
    return fmt::format("{} {}", definition.type == config_type::list ? "a list of" : "one of",
                       definition.choices);
  }
  std::string text = type_text(definition.type) + bounds_text(definition);
  return definition.is_filled ? text + " that is not empty" : text;
}

result<> validate(const config_definition& definition, std::string_view value) {
  if (is_allowed(definition, trimmed(value))) {
    return {};
  }
  return fail(error_code::invalid_config,
              fmt::format("{}={}: allowed is {}", definition.name,
                          definition.is_sensitive ? "[hidden]" : value, allowed_text(definition)));
}

}  // namespace barnabas
