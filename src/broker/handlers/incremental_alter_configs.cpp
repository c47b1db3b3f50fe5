#include "broker/handlers/incremental_alter_configs.h"

#include "broker/handlers/alter_configs_resources.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::incremental_alter_configs_response>>
incremental_alter_configs(metadata_services services,
                          protocol::incremental_alter_configs_request message) {
  std::vector<asked_alteration> asked;
  for (const auto& resource : message.resources) {
    asked_alteration& one = asked.emplace_back(asked_alteration{
        .type = resource.resource_type, .name = std::string(resource.resource_name)});
    for (const auto& config : resource.configs) {
      one.edits.push_back(
          {std::string(config.name),
           static_cast<cluster::config_operation>(config.config_operation),
           config.value ? std::optional<std::string>(*config.value) : std::nullopt});
    }
  }
  const auto outcomes = co_await alter_settings(services, std::move(asked), message.validate_only);
  co_return alter_answers<protocol::incremental_alter_configs_response>(message, outcomes);
}

}  // namespace barnabas::broker::handlers
