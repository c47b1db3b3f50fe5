#include "broker/handlers/alter_configs_resources.h"

namespace barnabas::broker::handlers {

asked_change change_of(std::int8_t resource_type, std::string_view name) {
  if (resource_type == topic_resource) {
    return cluster::config_change{.scope = cluster::config_scope::topic, .name = std::string(name)};
  }
  if (resource_type == broker_resource) {
    return cluster::config_change{.scope = cluster::config_scope::broker,
                                  .name = std::string(name)};
  }
  return fail(error_code::invalid_request,
              "resource type " + std::to_string(resource_type) +
                  ": settings are those of topics (2) and brokers (4)");
}

runtime::task<std::vector<result<>>> alter_settings(metadata_services services,
                                                    std::vector<asked_change> changes,
                                                    bool validate_only) {
  std::vector<result<>> answers(changes.size());
  std::vector<cluster::config_change> valid;
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i]) {
      valid.push_back(std::move(*changes[i]));
      owners.push_back(i);
    } else {
      answers[i] = std::unexpected(std::move(changes[i].error()));
    }
  }
  auto outcomes = co_await ask_controller(
      services, [valid = std::move(valid), validate_only](cluster::controller& controller) {
        return controller.alter_configs(valid, validate_only);
      });
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    answers[owners[i]] = std::move(outcomes[i]);
  }
  co_return answers;
}

}  // namespace barnabas::broker::handlers
