#include "base/log.h"
#include "cluster/detail/config_nodes.h"
#include "cluster/detail/config_plans.h"
#include "cluster/detail/controller_state.h"
#include "cluster/detail/named_twice.h"
#include "cluster/topic_names.h"

namespace barnabas::cluster {

using runtime::task;

namespace {

// UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION for what cannot be a topic's name, or
// INVALID_REQUEST for none: there are no defaults of all topics.
result<overrides> standing_of_topic(const image& image, const std::string& name) {
  if (name.empty()) {
    return fail(error_code::invalid_request, "a topic has a name");
  }
  if (auto valid = validate_topic_name(name); !valid) {
    return std::unexpected(valid.error());
  }
  const topic* known = image.find_topic(name);
  return known != nullptr
             ? result<overrides>(known->config)
             : fail(error_code::unknown_topic_or_partition, "there is no topic '" + name + "'");
}

// What is set there now; the same, or INVALID_REQUEST for another broker.
result<overrides> standing(const image& image, const config_change& change,
                           std::int32_t broker_id) {
  const auto in = [&](const named_overrides& all) {
    const auto found = all.find(detail::key_of(change));
    return found == all.end() ? overrides() : found->second;
  };
  switch (change.scope) {
    case config_scope::topic:
      return standing_of_topic(image, change.name);
    case config_scope::broker:
      if (!change.name.empty() && change.name != std::to_string(broker_id)) {
        return fail(error_code::invalid_request, "this is broker " + std::to_string(broker_id) +
                                                     ", which does not keep settings of broker " +
                                                     change.name);
      }
      return in(*image.broker_configs);
    case config_scope::group:
      return in(*image.group_configs);
  }
  return overrides();
}

std::shared_ptr<const named_overrides> with(const named_overrides& all,
                                            const std::vector<const planned_config*>& changes) {
  auto next = std::make_shared<named_overrides>(all);
  for (const planned_config* one : changes) {
    next->insert_or_assign(detail::key_of(one->change), one->after);
  }
  return next;
}

}  // namespace

result<planned_config> controller::state::plan_config(const config_change& change) const {
  const auto now = standing(*newest, change, options.broker_id);
  if (!now) {
    return std::unexpected(now.error());
  }
  auto after = detail::plan_overrides(*now, change);
  if (!after) {
    return std::unexpected(std::move(after.error()));
  }
  return planned_config{change, std::move(*after)};
}

task<std::vector<result<>>> controller::state::alter_configs(std::vector<config_change> changes,
                                                             bool validate_only) {
  const auto twice = named_twice(changes, detail::entity_of);
  std::vector<result<>> answers(changes.size());
  std::vector<planned_config> planned;
  std::vector<std::size_t> owners;  // of each of them, the number of its answer
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const std::string entity = detail::entity_of(changes[i]);
    auto plan = twice.contains(entity) ? detail::refuse_twice(entity) : plan_config(changes[i]);
    if (plan) {
      planned.push_back(std::move(*plan));
      owners.push_back(i);
    } else {
      answers[i] = std::unexpected(std::move(plan.error()));
    }
  }
  if (validate_only || planned.empty()) {
    co_return answers;
  }
  std::vector<detail::overrides_to_write> writes;
  for (const planned_config& one : planned) {
    writes.push_back({detail::entity_of(one.change), one.after});
  }
  const auto outcomes = co_await detail::write_overrides(*session, std::move(writes), term);
  std::vector<planned_config> written;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    answers[owners[i]] = outcomes[i];
    if (outcomes[i]) {
      written.push_back(std::move(planned[i]));
    }
  }
  co_await show_configs(std::move(written));
  co_return answers;
}

task<> controller::state::show_configs(std::vector<planned_config> written) {
  std::vector<topic_ptr> topics;
  std::vector<const planned_config*> brokers;
  std::vector<const planned_config*> groups;
  for (const planned_config& one : written) {
    if (one.change.scope == config_scope::topic) {
      auto changed = std::make_shared<topic>(*newest->topics.find(one.change.name));
      changed->config = one.after;
      topics.push_back(std::move(changed));
    } else {
      (one.change.scope == config_scope::broker ? brokers : groups).push_back(&one);
    }
    log(log_level::info, "cluster", "changed settings",
        {field("of", detail::entity_of(one.change))});
  }
  co_await publish([&](image& next) {
    for (const topic_ptr& one : topics) {
      next.topics.put(one);
    }
    next.broker_configs = with(*next.broker_configs, brokers);
    next.group_configs = with(*next.group_configs, groups);
  });
  for (const topic_ptr& one : topics) {
    co_await host.topic_config_changed(one);
  }
  if (!brokers.empty()) {
    co_await host.broker_config_changed();
  }
}

}  // namespace barnabas::cluster
