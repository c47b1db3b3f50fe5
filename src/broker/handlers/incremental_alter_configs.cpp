#include "broker/handlers/incremental_alter_configs.h"

#include "broker/handlers/alter_configs_resources.h"

namespace barnabas::broker::handlers {
namespace {

using resource = protocol::incremental_alter_configs_request_alter_configs_resource;

constexpr std::int8_t highest_operation =
    static_cast<std::int8_t>(cluster::config_operation::subtract);

asked_change asked(const resource& resource) {
  asked_change change = change_of(resource.resource_type, resource.resource_name);
  for (const auto& config : resource.configs) {
    if (!change) {
      break;
    }
    if (config.config_operation < 0 || config.config_operation > highest_operation) {
      return fail(error_code::invalid_request,
                  "operation " + std::to_string(config.config_operation) + ": they are 0 to 3");
    }
    change->edits.push_back(
        {std::string(config.name), static_cast<cluster::config_operation>(config.config_operation),
         config.value ? std::optional<std::string>(*config.value) : std::nullopt});
  }
  return change;
}

}  // namespace

runtime::task<owned_response<protocol::incremental_alter_configs_response>>
incremental_alter_configs(metadata_services services,
                          protocol::incremental_alter_configs_request message) {
  std::vector<asked_change> changes;
  for (const auto& resource : message.resources) {
    changes.push_back(asked(resource));
  }
  const auto outcomes =
      co_await alter_settings(services, std::move(changes), message.validate_only);
  co_return alter_answers<protocol::incremental_alter_configs_response>(message, outcomes);
}

}  // namespace barnabas::broker::handlers
