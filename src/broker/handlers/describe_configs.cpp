#include "broker/handlers/describe_configs.h"

#include "broker/handlers/alter_configs_resources.h"
#include "broker/handlers/describe_configs_settings.h"
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

result<std::vector<described_setting>> asked_settings(const resource& asked,
                                                      const cluster::image& image,
                                                      const server_config& config) {
  const broker_settings here = settings_of(image, config);
  if (asked.resource_type == topic_resource) {
    if (auto valid = cluster::validate_topic_name(asked.resource_name); !valid) {
      return std::unexpected(valid.error());
    }
    const cluster::topic* topic = image.find_topic(asked.resource_name);
    if (topic == nullptr) {
      return fail(error_code::unknown_topic_or_partition, "there is no such topic");
    }
    return describe_topic(topic->config, here);
  }
  if (asked.resource_type != broker_resource) {
    return fail(error_code::invalid_request, "settings are those of topics (2) and brokers (4)");
  }
  if (asked.resource_name.empty()) {
    return describe_all_brokers(here);
  }
  if (asked.resource_name != std::to_string(config.broker_id)) {
    return fail(error_code::invalid_request,
                "this is broker " + std::to_string(config.broker_id) + "; ask the broker itself");
  }
  return describe_broker(here);
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
  out.is_default = version == 0 && setting.source == config_source::standard;
  out.config_source = static_cast<std::int8_t>(setting.source);
  out.is_sensitive = setting.is_sensitive;
  out.config_type = setting.type;
  out.documentation =
      message.include_documentation ? std::optional(setting.documentation) : std::nullopt;
  if (message.include_synonyms) {
    for (const described_synonym& one : setting.synonyms) {
      out.synonyms.push_back({one.name, view_of(one.value), static_cast<std::int8_t>(one.source)});
    }
  }
  return out;
}

}  // namespace

owned_response<describe_configs_response> describe_configs(
    metadata_services services, const request& request, const describe_configs_request& message) {
  const auto keeps = std::make_shared<owner>();
  keeps->image = services.images.current();
  describe_configs_response out;
  for (const resource& asked : message.resources) {
    auto& entry = out.results.emplace_back();
    entry.resource_type = asked.resource_type;
    entry.resource_name = asked.resource_name;
    auto settings = asked_settings(asked, *keeps->image, services.config);
    if (!settings) {
      entry.error_code = settings.error().code;
      entry.error_message = keeps->texts.keep(std::move(settings.error().message));
      continue;
    }
    entry.error_message = std::nullopt;
    for (const described_setting& one : keeps->settings.emplace_back(std::move(*settings))) {
      if (is_asked(asked, one.name)) {
        entry.configs.push_back(shown(one, message, request.version));
      }
    }
  }
  return {std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
