#include "broker/setting_reader.h"

#include <algorithm>
#include <charconv>

#include "base/config_definition.h"
#include "base/ensure.h"

namespace barnabas::broker {
namespace {

template <class Number>
Number parsed(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  Number value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  ensure(problem == std::errc() && end == text.data() + text.size(), "a number that was validated");
  return value;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::string setting_reader::text(std::string_view key) const {
  const config_definition* it =
      find_config(topic_ != nullptr ? topic_configs() : broker_configs(), key);
  ensure(it != nullptr, "a setting that is in the table");
  const auto value = topic_ != nullptr ? resolve(*it, *topic_, broker_) : resolve(*it, broker_);
  return std::string(trimmed(value.value_or("")));
}

std::int64_t setting_reader::number(std::string_view key) const {
  return parsed<std::int64_t>(text(key));
}

double setting_reader::real(std::string_view key) const {
  return parsed<double>(text(key));
}

bool setting_reader::is_on(std::string_view key) const {
  return std::ranges::equal(text(key), std::string_view("true"),
                            [](char a, char b) { return (a | 0x20) == b; });
}

std::vector<std::string> setting_reader::list(std::string_view key) const {
  return elements_of_list(text(key));
}

std::int32_t setting_reader::own_number32(std::string_view name, std::int32_t otherwise) const {
  const auto given = synonyms_of(name, broker_);
  return given.empty() ? otherwise
                       : static_cast<std::int32_t>(parsed<std::int64_t>(given.front().value));
}

std::string setting_reader::own_text(const std::string& prefix, std::string_view key) const {
  const std::string name = prefix + std::string(key);
  const auto given = synonyms_of(name, broker_);
  return given.empty() ? text(key) : given.front().value;
}

std::vector<std::string> elements_of_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (const std::string_view part = trimmed(text.substr(0, comma)); !part.empty()) {
      parts.emplace_back(part);
    }
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return parts;
}

}  // namespace barnabas::broker
