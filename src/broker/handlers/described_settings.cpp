#include "broker/handlers/described_settings.h"

#include <algorithm>
#include <set>

#include "base/log_levels.h"
#include "broker/handlers/logger_levels.h"

namespace barnabas::broker::handlers {
namespace {

// What nobody knows may be a secret of somebody's.
bool is_secret(const config_definition* definition) {
  return definition == nullptr || definition->is_sensitive;
}

described_setting described(std::string_view name, const config_definition* definition) {
  described_setting out{.name = std::string(name)};
  out.is_sensitive = is_secret(definition);
  if (definition != nullptr) {
    out.type = static_cast<std::int8_t>(definition->type);
    out.documentation = definition->documentation;
  }
  return out;
}

void take(described_setting& out, std::optional<std::string> value,
          std::vector<setting_synonym> synonyms) {
  out.source = synonyms.empty() ? setting_source::standard : synonyms.front().source;
  out.synonyms = std::move(synonyms);
  if (!out.is_sensitive) {
    out.value = std::move(value);
  }
}

// As Kafka does, which shows what a broker's setting falls back to only under its own name.
void take_first(described_setting& out, std::vector<setting_synonym> synonyms) {
  auto value = synonyms.empty() ? std::nullopt : std::optional(synonyms.front().value);
  take(out, std::move(value), std::move(synonyms));
}

// Of a table whose rows fall back to settings of the broker.
std::vector<described_setting> describe_rows(std::span<const config_definition> table,
                                             setting_source own_source,
                                             const cluster::overrides& own,
                                             const broker_settings& broker) {
  std::vector<described_setting> all;
  all.reserve(table.size());
  for (const config_definition& row : table) {
    std::vector<setting_synonym> synonyms;
    if (const auto value = own.find(row.name); value != own.end()) {
      synonyms.push_back({std::string(row.name), value->second, own_source});
    }
    if (!row.fallbacks.empty()) {
      std::ranges::move(synonyms_of(row.fallbacks.front().name, broker),
                        std::back_inserter(synonyms));
    } else if (own_source == setting_source::dynamic_group && row.default_value) {
      synonyms.push_back(
          {std::string(row.name), std::string(*row.default_value), setting_source::standard});
    }
    take(all.emplace_back(described(row.name, &row)), resolve(row, own, broker),
         std::move(synonyms));
  }
  return all;
}

// Names that were set and are not rows of the table.
std::set<std::string_view> other_names(const broker_settings& broker) {
  std::set<std::string_view> names;
  for (const cluster::overrides* values : {broker.own, broker.all, broker.given}) {
    if (values == nullptr) {
      continue;
    }
    for (const auto& [name, value] : *values) {
      if (find_config(broker_configs(), name) == nullptr) {
        names.insert(name);
      }
    }
  }
  return names;
}

}  // namespace

std::vector<described_setting> describe_topic(const cluster::overrides& topic,
                                              const broker_settings& broker) {
  return describe_rows(topic_configs(), setting_source::dynamic_topic, topic, broker);
}

std::vector<described_setting> describe_group(const cluster::overrides& group,
                                              const broker_settings& broker) {
  return describe_rows(group_configs(), setting_source::dynamic_group, group, broker);
}

std::vector<described_setting> describe_broker(const broker_settings& broker) {
  std::vector<described_setting> all;
  for (const std::string_view name : other_names(broker)) {
    const config_definition* base = find_config(broker_configs(), without_listener(name));
    take_first(all.emplace_back(described(name, base)), synonyms_of(name, broker));
  }
  for (const config_definition& row : broker_configs()) {
    described_setting& out = all.emplace_back(described(row.name, &row));
    out.is_read_only = row.update == config_update::read_only;
    take_first(out, synonyms_of(row.name, broker));
  }
  std::ranges::sort(all, {}, &described_setting::name);
  return all;
}

std::vector<described_setting> describe_all_brokers(const broker_settings& broker) {
  std::vector<described_setting> all = describe_broker({.all = broker.all});
  std::erase_if(all, [](described_setting& one) {
    std::erase_if(one.synonyms, [](const setting_synonym& synonym) {
      return synonym.source != setting_source::dynamic_default_broker;
    });
    return one.synonyms.empty() || one.synonyms.front().name != one.name;
  });
  return all;
}

std::vector<described_setting> describe_loggers() {
  std::vector<described_setting> all;
  for (const logger_level& each : log_levels()) {
    described_setting& out = all.emplace_back();
    out.name = std::string(each.name);
    out.value = std::string(name_of(each.level));
    out.source = setting_source::dynamic_logger;
    out.type = static_cast<std::int8_t>(config_type::string);
  }
  return all;
}

}  // namespace barnabas::broker::handlers
