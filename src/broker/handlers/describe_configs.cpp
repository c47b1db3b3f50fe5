#include "broker/handlers/describe_configs.h"

#include <set>

#include "broker/handlers/config_resources.h"
#include "broker/handlers/described_settings.h"
#include "cluster/topic_names.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::describe_configs_request;
using protocol::describe_configs_response;
using resource = protocol::describe_configs_request_describe_configs_resource;

// What the response's views point to.
struct owner {
  cluster::image_ptr image;
  std::deque<std::vector<described_setting>> settings;
  response_texts texts;
};

// Each is described in some microseconds; others shall have their turn.
constexpr std::size_t resources_at_once = 16;

std::unexpected<error> refuse(std::string why) {
  return fail(error_code::invalid_request, std::move(why));
}

result<std::vector<described_setting>> topic_settings_of(std::string_view name,
                                                         const cluster::image& image,
                                                         const broker_settings& here) {
  if (auto valid = cluster::validate_topic_name(name); !valid) {
    return std::unexpected(valid.error());
  }
  const cluster::topic* topic = image.find_topic(name);
  if (topic == nullptr) {
    return fail(error_code::unknown_topic_or_partition, "there is no such topic");
  }
  return describe_topic(topic->config, here);
}

result<std::vector<described_setting>> group_settings_of(std::string_view name,
                                                         const cluster::image& image,
                                                         const broker_settings& here) {
  if (name.empty()) {
    return refuse("a group has a name");
  }
  const auto own = image.group_configs->find(name);
  return describe_group(own == image.group_configs->end() ? cluster::overrides() : own->second,
                        here);
}

result<std::vector<described_setting>> asked_settings(const resource& asked,
                                                      const cluster::image& image,
                                                      const metadata_services& services) {
  const broker_settings here = settings_of(image, services.broker_id, services.config.values);
  const auto kind = static_cast<config_resource>(asked.resource_type);
  switch (kind) {
    case config_resource::topic:
      return topic_settings_of(asked.resource_name, image, here);
    case config_resource::group:
      return group_settings_of(asked.resource_name, image, here);
    case config_resource::client_metrics:
      // Nobody can subscribe here.
      return std::vector<described_setting>();
    case config_resource::broker:
    case config_resource::broker_logger:
      break;
    default:
      return refuse("resource type " + std::to_string(asked.resource_type) + " has no settings");
  }
  if (kind == config_resource::broker && asked.resource_name.empty()) {
    return describe_all_brokers(here);
  }
  if (asked.resource_name != std::to_string(services.broker_id)) {
    return refuse("this is broker " + std::to_string(services.broker_id) +
                  "; ask the broker itself");
  }
  return kind == config_resource::broker ? describe_broker(here) : describe_loggers();
}

bool is_asked(const resource& asked, std::string_view name) {
  return !asked.configuration_keys || asked.configuration_keys->empty() ||
         std::ranges::find(*asked.configuration_keys, name) != asked.configuration_keys->end();
}

std::optional<std::string_view> view_of(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

describe_configs_response::describe_configs_resource_result shown(
    const described_setting& setting, const describe_configs_request& message,
    std::int16_t version) {
  describe_configs_response::describe_configs_resource_result out;
  out.name = setting.name;
  out.value = view_of(setting.value);
  out.read_only = setting.is_read_only;
  // Version 1 replaced the flag by the source.
  out.is_default = version == 0 && setting.source == setting_source::standard;
  out.config_source = static_cast<std::int8_t>(setting.source);
  out.is_sensitive = setting.is_sensitive;
  out.config_type = setting.type;
  out.documentation =
      message.include_documentation ? std::optional(setting.documentation) : std::nullopt;
  if (message.include_synonyms) {
    for (const setting_synonym& one : setting.synonyms) {
      out.synonyms.push_back(
          {one.name,
           setting.is_sensitive ? std::nullopt : std::optional<std::string_view>(one.value),
           static_cast<std::int8_t>(one.source)});
    }
  }
  return out;
}

}  // namespace

runtime::task<owned_response<describe_configs_response>> describe_configs(
    metadata_services services, std::int16_t version, describe_configs_request message) {
  const auto keeps = std::make_shared<owner>();
  keeps->image = services.images.current();
  describe_configs_response out;
  std::set<std::pair<std::int8_t, std::string_view>> named;
  for (const resource& asked : message.resources) {
    if (out.results.size() % resources_at_once == resources_at_once - 1) {
      co_await runtime::yield();
    }
    auto& entry = out.results.emplace_back();
    entry.resource_type = asked.resource_type;
    entry.resource_name = asked.resource_name;
    auto settings = named.emplace(asked.resource_type, asked.resource_name).second
                        ? asked_settings(asked, *keeps->image, services)
                        : refuse("this resource is named more than once in this request");
    if (!settings) {
      entry.error_code = settings.error().code;
      entry.error_message = keeps->texts.keep(std::move(settings.error().message));
      continue;
    }
    entry.error_message = "";  // as Kafka says it, not null
    std::erase_if(*settings,
                  [&](const described_setting& one) { return !is_asked(asked, one.name); });
    for (const described_setting& one : keeps->settings.emplace_back(std::move(*settings))) {
      entry.configs.push_back(shown(one, message, version));
    }
  }
  co_return owned_response<describe_configs_response>{std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
