#include "broker/detail/setting_reader.h"

#include <charconv>

#include "base/config_definition.h"
#include "base/ensure.h"

namespace barnabas::broker::detail {
namespace {

std::int64_t parsed(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  ensure(problem == std::errc() && end == text.data() + text.size(), "a number that was validated");
  return value;
}

const config_definition& definition_of(const std::string& key) {
  const config_definition* it = find_config(broker_configs(), key);
  ensure(it != nullptr, "a setting that is in the table");
  return *it;
}

}  // namespace

std::string setting_reader::text(const std::string& key) const {
  if (const auto given = values_.find(key); given != values_.end()) {
    return given->second;
  }
  const config_definition& it = definition_of(key);
  for (const config_fallback& fallback : it.fallbacks) {
    if (const auto given = values_.find(std::string(fallback.name)); given != values_.end()) {
      return fallback.factor == 1 ? given->second
                                  : std::to_string(parsed(given->second) * fallback.factor);
    }
  }
  if (!it.default_value && !it.fallbacks.empty()) {
    return text(std::string(it.fallbacks.front().name));
  }
  return std::string(it.default_value.value_or(""));
}

std::int64_t setting_reader::number(const std::string& key) const {
  return parsed(text(key));
}

std::vector<std::string> setting_reader::list(const std::string& key) const {
  const std::string all = text(key);
  std::vector<std::string> parts;
  for (std::string_view rest = all; !rest.empty();) {
    const auto comma = rest.find(',');
    const std::string_view part = rest.substr(0, comma);
    if (const auto first = part.find_first_not_of(" \t"); first != std::string_view::npos) {
      parts.emplace_back(part.substr(first, part.find_last_not_of(" \t") - first + 1));
    }
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return parts;
}

}  // namespace barnabas::broker::detail
