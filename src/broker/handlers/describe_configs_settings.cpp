#include "broker/handlers/describe_configs_settings.h"

#include <charconv>

namespace barnabas::broker::handlers {
namespace {

// Where a setting that `names` stand for has a value, the strongest source first.
std::vector<described_synonym> synonyms_of(const std::vector<std::string_view>& names,
                                           const broker_settings& broker) {
  std::vector<described_synonym> found;
  const auto look = [&](const auto* values, config_source source) {
    for (const std::string_view name : names) {
      if (values == nullptr) {
        continue;
      }
      if (const auto at = values->find(std::string(name)); at != values->end()) {
        found.push_back({name, at->second, source});
      }
    }
  };
  look(broker.own, config_source::dynamic_broker);
  look(broker.all, config_source::dynamic_default_broker);
  look(broker.given, config_source::static_broker);
  for (const std::string_view name : names) {
    const config_definition* definition = find_config(broker_configs(), name);
    if (definition != nullptr && definition->default_value) {
      found.push_back({name, std::string(*definition->default_value), config_source::standard});
    }
  }
  return found;
}

// 168 hours are 604800000 milliseconds; a negative number means "no limit" in every unit.
std::string in_unit(const std::string& value, std::int64_t factor) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_number = problem == std::errc() && end == value.data() + value.size();
  return factor == 1 || !is_number || number < 0 ? value : std::to_string(number * factor);
}

// Takes the value of the setting or of the first fallback that somebody has set.
void resolve(described_setting& out, const config_definition& definition) {
  const auto set_as = [&](std::string_view name) {
    return std::ranges::find_if(out.synonyms, [&](const described_synonym& one) {
      return one.name == name && one.source != config_source::standard;
    });
  };
  const auto take = [&](const auto& from, std::int64_t factor) {
    out.value = in_unit(*from->value, factor);
    out.source = from->source;
  };
  if (const auto own = set_as(definition.name); own != out.synonyms.end()) {
    return take(own, 1);
  }
  for (const config_fallback& fallback : definition.fallbacks) {
    if (const auto found = set_as(fallback.name); found != out.synonyms.end()) {
      return take(found, fallback.factor);
    }
  }
  out.source = config_source::standard;
  out.value = definition.default_value ? std::optional<std::string>(*definition.default_value)
                                       : std::nullopt;
}

described_setting describe(const config_definition& definition,
                           std::vector<described_synonym> synonyms) {
  described_setting out{.name = definition.name};
  out.type = static_cast<std::int8_t>(definition.type);
  out.is_sensitive = definition.is_sensitive;
  out.documentation = definition.documentation;
  out.synonyms = std::move(synonyms);
  resolve(out, definition);
  if (out.is_sensitive) {
    out.value = std::nullopt;
    for (described_synonym& one : out.synonyms) {
      one.value = std::nullopt;
    }
  }
  return out;
}

std::vector<std::string_view> names_of(const config_definition& definition) {
  std::vector<std::string_view> names;
  for (const config_fallback& fallback : definition.fallbacks) {
    names.push_back(fallback.name);
  }
  return names;
}

// What nobody knows may be a secret of somebody's, so its value is not shown.
void add_unknown(std::vector<described_setting>& to, const cluster::overrides* values,
                 config_source source) {
  if (values == nullptr) {
    return;
  }
  for (const auto& [name, value] : *values) {
    if (find_config(broker_configs(), name) == nullptr) {
      described_setting out{.name = name, .source = source, .is_sensitive = true};
      out.synonyms.push_back({name, std::nullopt, source});
      to.push_back(std::move(out));
    }
  }
}

const cluster::overrides* find_overrides(const cluster::image& image, std::string_view name) {
  const auto found = image.broker_configs->find(name);
  return found == image.broker_configs->end() ? nullptr : &found->second;
}

}  // namespace

broker_settings settings_of(const cluster::image& image, const server_config& config) {
  return {find_overrides(image, std::to_string(config.broker_id)),
          find_overrides(image, "<default>"), &config.values};
}

std::vector<described_setting> describe_topic(const cluster::overrides& topic,
                                              const broker_settings& broker) {
  std::vector<described_setting> all;
  all.reserve(topic_configs().size());
  for (const config_definition& definition : topic_configs()) {
    std::vector<described_synonym> synonyms = synonyms_of(names_of(definition), broker);
    const auto own = topic.find(definition.name);
    if (own == topic.end()) {
      all.push_back(describe(definition, std::move(synonyms)));
      continue;
    }
    // Some topic settings have the name of the broker's; only the topic's own value is its own.
    synonyms.insert(synonyms.begin(), {definition.name, own->second, config_source::dynamic_topic});
    all.push_back(describe(definition, std::move(synonyms)));
    all.back().value = own->second;
    all.back().source = config_source::dynamic_topic;
  }
  return all;
}

std::vector<described_setting> describe_broker(const broker_settings& broker) {
  std::vector<described_setting> all;
  all.reserve(broker_configs().size());
  for (const config_definition& definition : broker_configs()) {
    std::vector<std::string_view> names = names_of(definition);
    names.insert(names.begin(), definition.name);
    all.push_back(describe(definition, synonyms_of(names, broker)));
    all.back().is_read_only = definition.update == config_update::read_only;
  }
  add_unknown(all, broker.own, config_source::dynamic_broker);
  add_unknown(all, broker.all, config_source::dynamic_default_broker);
  return all;
}

std::vector<described_setting> describe_all_brokers(const broker_settings& broker) {
  std::vector<described_setting> all;
  const broker_settings only{.all = broker.all};
  for (described_setting& one : describe_broker(only)) {
    std::erase_if(one.synonyms, [&](const described_synonym& synonym) {
      return synonym.source != config_source::dynamic_default_broker || synonym.name != one.name;
    });
    if (!one.synonyms.empty()) {
      all.push_back(std::move(one));
    }
  }
  return all;
}

}  // namespace barnabas::broker::handlers
