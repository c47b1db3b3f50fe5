#include "broker/setting_sources.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace barnabas::broker {
namespace {

const cluster::overrides* find_overrides(const cluster::image& image, std::string_view name) {
  const auto found = image.broker_configs->find(name);
  return found == image.broker_configs->end() ? nullptr : &found->second;
}

struct layer {
  const cluster::overrides* values;
  setting_source source;
};
std::array<layer, 3> layers_of(const broker_settings& broker) {
  return {{{broker.own, setting_source::dynamic_broker},
           {broker.all, setting_source::dynamic_default_broker},
           {broker.given, setting_source::static_broker}}};
}

const std::string* value_in(const layer& layer, std::string_view name) {
  if (layer.values == nullptr) {
    return nullptr;
  }
  const auto at = layer.values->find(name);
  return at == layer.values->end() ? nullptr : &at->second;
}

const std::string* given_value(std::string_view name, const broker_settings& broker) {
  for (const layer& layer : layers_of(broker)) {
    if (const std::string* value = value_in(layer, name)) {
      return value;
    }
  }
  return nullptr;
}

// 168 hours are 604800000 milliseconds; a negative number means "no limit" in every unit.
std::string in_unit(std::string_view value, std::int64_t factor) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_number = problem == std::errc() && end == value.data() + value.size();
  if (factor == 1 || !is_number || number < 0) {
    return std::string(value);
  }
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return std::to_string(number > most / factor ? most : number * factor);
}

std::optional<std::string> resolve_fallbacks(const config_definition& definition,
                                             const broker_settings& broker) {
  for (const config_fallback& fallback : definition.fallbacks) {
    if (const std::string* value = given_value(fallback.name, broker)) {
      return in_unit(*value, fallback.factor);
    }
  }
  if (definition.default_value) {
    return std::string(*definition.default_value);
  }
  for (const config_fallback& fallback : definition.fallbacks) {
    const config_definition* other = find_config(broker_configs(), fallback.name);
    if (other != nullptr && other->default_value) {
      return in_unit(*other->default_value, fallback.factor);
    }
  }
  return std::nullopt;
}

// The names under which Kafka looks for a setting of a broker. Most have one; what falls back to a
// setting of another kind (listeners for advertised.listeners) is not called by its name.
std::vector<std::string_view> names_of(std::string_view name) {
  std::vector<std::string_view> names{name};
  if (const std::string_view base = without_listener(name); base != name) {
    names.push_back(base);
    return names;
  }
  const config_definition* definition = find_config(broker_configs(), name);
  if (definition != nullptr && name.starts_with("log.") && name != "log.dirs") {
    for (const config_fallback& fallback : definition->fallbacks) {
      names.push_back(fallback.name);
    }
  }
  return names;
}

}  // namespace

broker_settings settings_of(const cluster::image& image, std::int32_t broker_id,
                            const cluster::overrides& given) {
  return {find_overrides(image, std::to_string(broker_id)), find_overrides(image, "<default>"),
          &given};
}

std::optional<std::string> resolve(const config_definition& definition,
                                   const broker_settings& broker) {
  if (const std::string* value = given_value(definition.name, broker)) {
    return *value;
  }
  return resolve_fallbacks(definition, broker);
}

std::optional<std::string> resolve(const config_definition& definition,
                                   const cluster::overrides& own, const broker_settings& broker) {
  if (const auto value = own.find(definition.name); value != own.end()) {
    return value->second;
  }
  return resolve_fallbacks(definition, broker);
}

std::vector<setting_synonym> synonyms_of(std::string_view name, const broker_settings& broker) {
  const std::vector<std::string_view> names = names_of(name);
  std::vector<setting_synonym> found;
  for (const layer& layer : layers_of(broker)) {
    for (const std::string_view each : names) {
      if (const std::string* value = value_in(layer, each)) {
        found.push_back({std::string(each), *value, layer.source});
      }
    }
  }
  for (const std::string_view each : names) {
    const config_definition* definition = find_config(broker_configs(), each);
    if (definition != nullptr && definition->default_value) {
      found.push_back(
          {std::string(each), std::string(*definition->default_value), setting_source::standard});
    }
  }
  found.erase(found.begin(), std::ranges::find(found, name, &setting_synonym::name));
  return found;
}

}  // namespace barnabas::broker
