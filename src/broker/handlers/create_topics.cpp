#include "broker/handlers/create_topics.h"

#include <set>

#include "base/named_twice.h"
#include "broker/handlers/described_settings.h"
#include "broker/handlers/mutation_limit.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::create_topics_request;
using protocol::create_topics_response;

constexpr std::int16_t first_strict_version = 6;

// What the response's views point to.
struct owner {
  std::deque<std::vector<described_setting>> settings;
  response_texts texts;
};

// INVALID_REPLICA_ASSIGNMENT for a partition that is assigned twice: a map cannot say that.
result<cluster::new_topic> wanted_topic(const create_topics_request::creatable_topic& asked) {
  cluster::new_topic topic{.name = std::string(asked.name),
                           .partitions = asked.num_partitions,
                           .replication_factor = asked.replication_factor};
  for (const auto& assignment : asked.assignments) {
    if (!topic.assignments.emplace(assignment.partition_index, assignment.broker_ids).second) {
      return fail(error_code::invalid_replica_assignment,
                  "partition " + std::to_string(assignment.partition_index) + " is assigned twice");
    }
  }
  for (const auto& config : asked.configs) {
    topic.configs.emplace_back(config.name, config.value);
  }
  return topic;
}

void show_topic(create_topics_response::creatable_topic_result& out, const cluster::topic& topic,
                const metadata_services& services, const cluster::image& image, owner& keeps) {
  out.topic_id = topic.id;
  out.error_message = std::nullopt;
  out.num_partitions = static_cast<std::int32_t>(topic.partitions.size());
  out.replication_factor = static_cast<std::int16_t>(topic.partitions.front().replicas.size());
  const auto& settings = keeps.settings.emplace_back(
      describe_topic(topic.config, settings_of(image, services.broker_id, services.config.values)));
  for (const described_setting& one : settings) {
    create_topics_response::creatable_topic_configs config;
    config.name = one.name;
    config.value = one.value ? std::optional<std::string_view>(*one.value) : std::nullopt;
    config.read_only = one.is_read_only;
    config.config_source = static_cast<std::int8_t>(one.source);
    config.is_sensitive = one.is_sensitive;
    out.configs->push_back(config);
  }
}

void show_error(create_topics_response::creatable_topic_result& out, const error& problem,
                owner& keeps) {
  out.error_code = problem.code;
  out.error_message = keeps.texts.keep(problem.message);
}

}  // namespace

runtime::task<owned_response<create_topics_response>> create_topics(metadata_services services,
                                                                    const request& request,
                                                                    create_topics_request message) {
  const auto keeps = std::make_shared<owner>();
  create_topics_response out;
  std::vector<cluster::new_topic> wanted;
  std::vector<std::string_view> names;  // of `wanted`, in the request's frame
  const auto repeated = named_twice(message.topics, [](const auto& asked) { return asked.name; });
  for (const auto& asked : message.topics) {
    if (auto topic = wanted_topic(asked)) {
      wanted.push_back(std::move(*topic));
      names.push_back(asked.name);
    } else if (repeated.contains(asked.name)) {  // for which the controller refuses all of them
      wanted.push_back({.name = std::string(asked.name)});
      names.push_back(asked.name);
    } else {
      auto& entry = out.topics.emplace_back();
      entry.name = asked.name;
      show_error(entry, topic.error(), *keeps);
    }
  }
  const bool validate_only = message.validate_only;
  const auto deadline = deadline_after(message.timeout_ms);
  const auto outcomes = co_await ask_within_limit(
      services, request, first_strict_version,
      [wanted = std::move(wanted), validate_only, deadline](cluster::controller& controller,
                                                            cluster::mutation_gate gate) {
        return controller.create_topics(wanted, validate_only, deadline, std::move(gate));
      });
  const cluster::image_ptr image = services.images.current();
  std::set<std::string_view> answered;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!answered.insert(names[i]).second) {
      continue;
    }
    auto& entry = out.topics.emplace_back();
    entry.name = names[i];
    if (outcomes[i]) {
      show_topic(entry, *outcomes[i]->topic, services, *image, *keeps);
    } else {
      show_error(entry, outcomes[i].error(), *keeps);
    }
  }
  co_return owned_response<create_topics_response>{std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
