#include "broker/handlers/list_config_resources.h"

#include <set>

#include "broker/handlers/config_resources.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::list_config_resources_request;
using protocol::list_config_resources_response;

std::set<std::int8_t> asked_kinds(std::int16_t version,
                                  const list_config_resources_request& message) {
  if (version == 0) {
    return {static_cast<std::int8_t>(config_resource::client_metrics)};
  }
  if (message.resource_types.empty()) {
    return {2, 4, 8, 16, 32};  // all of config_resource
  }
  return {message.resource_types.begin(), message.resource_types.end()};
}

// False for a kind that does not exist.
bool list(config_resource kind, const cluster::image& image, response_texts& keeps,
          list_config_resources_response& out) {
  const auto add = [&](std::string_view name) {
    out.config_resources.push_back({name, static_cast<std::int8_t>(kind)});
  };
  switch (kind) {
    case config_resource::topic:
      for (const cluster::topic_ptr& topic : image.topics.all()) {
        add(topic->name);
      }
      return true;
    case config_resource::broker:
    case config_resource::broker_logger:
      for (const auto& [id, broker] : *image.brokers) {
        add(keeps.keep(std::to_string(id)));
      }
      return true;
    case config_resource::group:
      for (const auto& [name, config] : *image.group_configs) {
        if (!config.empty()) {
          add(name);
        }
      }
      return true;
    case config_resource::client_metrics:
      return true;
  }
  return false;
}

}  // namespace

owned_response<list_config_resources_response> list_config_resources(
    metadata_services services, std::int16_t version,
    const list_config_resources_request& message) {
  const auto keeps = std::make_shared<response_texts>();
  const cluster::image_ptr image = services.images.current();
  keeps->keep(image);
  list_config_resources_response out;
  for (const std::int8_t kind : asked_kinds(version, message)) {
    if (!list(static_cast<config_resource>(kind), *image, *keeps, out)) {
      out.config_resources.clear();
      out.error_code = error_code::unsupported_version;
      break;
    }
  }
  return {std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
