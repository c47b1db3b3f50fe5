#include "client/administration.h"

#include <charconv>

#include "client/call_routing.h"
#include "client/public_error.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

using kafka::each;
using kafka::resource;

runtime::steady_time deadline_of(const cluster& cluster) {
  return runtime::shard::current().now() + cluster.settings().request_timeout;
}
std::int32_t milliseconds_of(const cluster& cluster) {
  return static_cast<std::int32_t>(cluster.settings().request_timeout /
                                   std::chrono::milliseconds(1));
}

// The controller has moved, or nothing has.
template <class Answers>
error_code not_controller(const Answers& answers) {
  for (const auto& one : answers) {
    if (one.error_code == error_code::not_controller) {
      return one.error_code;
    }
  }
  return error_code::none;
}

// Of topics and groups any broker answers, of a broker only itself.
call_route route_to(const resource& of) {
  if (of.type != kafka::resource_type::broker || of.name.empty()) {
    return {};
  }
  std::int32_t id = -1;
  std::from_chars(of.name.data(), of.name.data() + of.name.size(), id);
  return {call_target::one_broker, id};
}
template <class Key>
std::map<std::int32_t, std::vector<resource>> by_broker(const Key& resources) {
  std::map<std::int32_t, std::vector<resource>> groups;
  for (const resource& of : resources) {
    groups[route_to(of).broker].push_back(of);
  }
  return groups;
}
call_route route_of_group(std::int32_t broker) {
  return broker < 0 ? call_route{} : call_route{call_target::one_broker, broker};
}

protocol::create_topics_request question_of(const std::vector<kafka::new_topic>& topics,
                                            std::int32_t timeout_ms) {
  protocol::create_topics_request question;
  question.timeout_ms = timeout_ms;
  for (const kafka::new_topic& topic : topics) {
    auto& asked = question.topics.emplace_back();
    asked.name = topic.name;
    asked.num_partitions = topic.partitions;
    asked.replication_factor = topic.replication_factor;
    for (const auto& [name, value] : topic.configs) {
      asked.configs.push_back({name, value});
    }
  }
  return question;
}

kafka::topic_description description_of(const protocol::metadata_response::topic& topic) {
  kafka::topic_description described{.name = std::string(topic.name.value_or("")),
                                     .is_internal = topic.is_internal};
  for (const auto& partition : topic.partitions) {
    described.partitions.push_back({partition.partition_index, partition.leader_id,
                                    partition.replica_nodes, partition.isr_nodes});
  }
  return described;
}

resource resource_of(std::int8_t type, std::string_view name) {
  return {static_cast<kafka::resource_type>(type), std::string(name)};
}

}  // namespace

runtime::task<kafka::result<each<std::string>>> create_topics(
    cluster& cluster, const std::vector<kafka::new_topic>& topics) {
  auto answer = co_await routed_call<protocol::create_topics_response>(
      cluster, {call_target::controller}, question_of(topics, milliseconds_of(cluster)),
      [](const auto& said) { return not_controller(said.topics); }, deadline_of(cluster));
  if (!answer) {
    co_return public_error(answer.error());
  }
  each<std::string> outcome;
  for (const auto& topic : answer->message.topics) {
    outcome.emplace(topic.name, topic.error_code == error_code::none
                                    ? kafka::result<>()
                                    : public_error(topic.error_code, topic.error_message));
  }
  co_return outcome;
}

runtime::task<kafka::result<each<std::string>>> delete_topics(
    cluster& cluster, const std::vector<std::string>& names) {
  protocol::delete_topics_request question;
  question.timeout_ms = milliseconds_of(cluster);
  constexpr std::int16_t newest_with_names = 5;  // later ones have ids beside
  question.topic_names.assign(names.begin(), names.end());
  auto answer = co_await routed_call<protocol::delete_topics_response>(
      cluster, {call_target::controller}, std::move(question),
      [](const auto& said) { return not_controller(said.responses); }, deadline_of(cluster),
      newest_with_names);
  if (!answer) {
    co_return public_error(answer.error());
  }
  each<std::string> outcome;
  for (const auto& topic : answer->message.responses) {
    outcome.emplace(topic.name.value_or(""),
                    topic.error_code == error_code::none
                        ? kafka::result<>()
                        : public_error(topic.error_code, topic.error_message));
  }
  co_return outcome;
}

runtime::task<kafka::result<each<std::string, kafka::topic_description>>> describe_topics(
    cluster& cluster, const std::vector<std::string>& names) {
  protocol::metadata_request question;
  question.allow_auto_topic_creation = false;
  if (names.empty()) {
    question.topics.reset();
  }
  for (const std::string& name : names) {
    question.topics->push_back({.name = name});
  }
  constexpr std::int16_t newest_metadata = 12;
  auto answer = co_await routed_call<protocol::metadata_response>(
      cluster, {}, std::move(question), [](const auto&) { return error_code::none; },
      deadline_of(cluster), newest_metadata);
  if (!answer) {
    co_return public_error(answer.error());
  }
  each<std::string, kafka::topic_description> outcome;
  for (const auto& topic : answer->message.topics) {
    using described = kafka::result<kafka::topic_description>;
    outcome.emplace(topic.name.value_or(""),
                    topic.error_code == error_code::none
                        ? described(description_of(topic))
                        : described(public_error(topic.error_code, std::optional<std::string>())));
  }
  co_return outcome;
}

runtime::task<kafka::result<each<resource, std::vector<kafka::config_entry>>>> describe_configs(
    cluster& cluster, const std::vector<resource>& resources) {
  each<resource, std::vector<kafka::config_entry>> outcome;
  for (const auto& [broker, group] : by_broker(resources)) {
    protocol::describe_configs_request question;
    for (const resource& of : group) {
      question.resources.push_back({static_cast<std::int8_t>(of.type), of.name, std::nullopt});
    }
    auto answer = co_await routed_call<protocol::describe_configs_response>(
        cluster, route_of_group(broker), std::move(question),
        [](const auto&) { return error_code::none; }, deadline_of(cluster));
    if (!answer) {
      co_return public_error(answer.error());
    }
    for (const auto& said : answer->message.results) {
      const resource of = resource_of(said.resource_type, said.resource_name);
      if (said.error_code != error_code::none) {
        outcome.insert_or_assign(of, public_error(said.error_code, said.error_message));
        continue;
      }
      std::vector<kafka::config_entry> entries;
      for (const auto& entry : said.configs) {
        constexpr std::int8_t source_default = 5;
        entries.push_back({std::string(entry.name),
                           entry.value ? std::optional(std::string(*entry.value)) : std::nullopt,
                           entry.is_default || entry.config_source == source_default,
                           entry.is_sensitive});
      }
      outcome.insert_or_assign(of, std::move(entries));
    }
  }
  co_return outcome;
}

runtime::task<kafka::result<each<resource>>> alter_configs(
    cluster& cluster, const std::map<resource, std::vector<kafka::config_change>>& changes) {
  constexpr std::int8_t operation_set = 0;
  constexpr std::int8_t operation_delete = 1;
  each<resource> outcome;
  std::vector<resource> all;
  for (const auto& [of, some] : changes) {
    all.push_back(of);
  }
  for (const auto& [broker, group] : by_broker(all)) {
    protocol::incremental_alter_configs_request question;
    for (const resource& of : group) {
      auto& asked = question.resources.emplace_back();
      asked.resource_type = static_cast<std::int8_t>(of.type);
      asked.resource_name = of.name;
      for (const kafka::config_change& change : changes.at(of)) {
        asked.configs.push_back(
            {change.name, change.value ? operation_set : operation_delete,
             change.value ? std::optional<std::string_view>(*change.value) : std::nullopt});
      }
    }
    auto answer = co_await routed_call<protocol::incremental_alter_configs_response>(
        cluster, route_of_group(broker), std::move(question),
        [](const auto&) { return error_code::none; }, deadline_of(cluster));
    if (!answer) {
      co_return public_error(answer.error());
    }
    for (const auto& said : answer->message.responses) {
      outcome.insert_or_assign(resource_of(said.resource_type, said.resource_name),
                               said.error_code == error_code::none
                                   ? kafka::result<>()
                                   : public_error(said.error_code, said.error_message));
    }
  }
  co_return outcome;
}

}  // namespace barnabas::client
