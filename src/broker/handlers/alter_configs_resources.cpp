#include "broker/handlers/alter_configs_resources.h"

#include <map>

#include "base/log.h"
#include "broker/detail/dynamic_check.h"
#include "broker/detail/setting_check.h"
#include "broker/handlers/config_resources.h"
#include "broker/handlers/logger_levels.h"

namespace barnabas::broker::handlers {
namespace {

std::unexpected<error> refuse(std::string why) {
  return fail(error_code::invalid_request, std::move(why));
}

std::unexpected<error> refuse_kind(std::int8_t type) {
  return refuse("resource type " + std::to_string(type) +
                ": what can be changed are settings of topics (2), brokers (4), loggers (8) and "
                "groups (32)");
}

result<> check_operations(const asked_alteration& asked) {
  for (const cluster::config_edit& edit : asked.edits) {
    if (edit.operation < cluster::config_operation::set ||
        edit.operation > cluster::config_operation::subtract) {
      return refuse("operation " + std::to_string(static_cast<int>(edit.operation)) +
                    ": they are 0 to 3");
    }
  }
  return {};
}

result<> change_loggers(const asked_alteration& asked, std::int32_t broker_id, bool validate_only) {
  if (asked.replaces_all) {
    return refuse("levels of loggers are changed one by one, with IncrementalAlterConfigs");
  }
  if (asked.name != std::to_string(broker_id)) {
    return refuse("this is broker " + std::to_string(broker_id) + "; ask the broker itself");
  }
  return alter_loggers(asked.edits, validate_only);
}

// What the controller shall do, or why not.
result<cluster::config_change> change_of(asked_alteration&& asked,
                                         const metadata_services& services) {
  cluster::config_change change{
      .name = std::move(asked.name), .edits = {}, .replaces_all = asked.replaces_all};
  switch (static_cast<config_resource>(asked.type)) {
    case config_resource::topic:
      change.scope = cluster::config_scope::topic;
      break;
    case config_resource::broker:
      change.scope = cluster::config_scope::broker;
      break;
    case config_resource::group:
      if (change.name.empty()) {
        return refuse("a group has a name");
      }
      change.scope = cluster::config_scope::group;
      break;
    case config_resource::client_metrics:
      return refuse("this version collects no metrics of clients");
    default:
      return refuse_kind(asked.type);
  }
  change.edits = std::move(asked.edits);
  const broker_settings here =
      settings_of(*services.images.current(), services.broker_id, services.config.values);
  if (auto fits = detail::check_dynamic(change, here); !fits) {
    return std::unexpected(std::move(fits.error()));
  }
  return change;
}

void note_without_meaning(const cluster::config_change& change) {
  if (change.scope != cluster::config_scope::broker) {
    return;
  }
  for (const cluster::config_edit& edit : change.edits) {
    if (!detail::has_meaning(edit.key)) {
      log(log_level::info, "broker", "a setting that was changed has no meaning here",
          {field("setting", edit.key)});
    }
  }
}

}  // namespace

runtime::task<std::vector<result<>>> alter_settings(metadata_services services,
                                                    std::vector<asked_alteration> asked,
                                                    bool validate_only) {
  std::vector<result<>> answers(asked.size());
  std::vector<cluster::config_change> changes;
  std::vector<std::size_t> owners;  // of each of them, the number of its answer
  std::map<std::pair<std::int8_t, std::string>, int> counts;
  for (const asked_alteration& one : asked) {
    ++counts[{one.type, one.name}];
  }
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (counts[{asked[i].type, asked[i].name}] > 1) {
      answers[i] = refuse("'" + asked[i].name + "' is named more than once in this request");
    } else if (auto known = check_operations(asked[i]); !known) {
      answers[i] = std::move(known);
    } else if (asked[i].type == static_cast<std::int8_t>(config_resource::broker_logger)) {
      answers[i] = change_loggers(asked[i], services.broker_id, validate_only);
    } else if (auto change = change_of(std::move(asked[i]), services); !change) {
      answers[i] = std::unexpected(std::move(change.error()));
    } else {
      changes.push_back(std::move(*change));
      owners.push_back(i);
    }
  }
  auto outcomes =
      co_await ask_controller(services, [changes, validate_only](cluster::controller& controller) {
        return controller.alter_configs(changes, validate_only);
      });
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] && !validate_only) {
      note_without_meaning(changes[i]);
    }
    answers[owners[i]] = std::move(outcomes[i]);
  }
  co_return answers;
}

}  // namespace barnabas::broker::handlers
