#include "client/place_lookup.h"

#include <fmt/format.h>

#include "protocol/messages/find_coordinator_request.h"
#include "protocol/messages/find_coordinator_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"

namespace barnabas::client {
namespace {

using coordinator_answer = rpc::answer<protocol::find_coordinator_response>;

// The first version that takes many keys.
constexpr std::int16_t first_with_many = 4;
// Later ones say nothing that is used here.
constexpr std::int16_t newest_metadata = 12;

result<std::int32_t> place_of(const std::string& name, error_code code, std::int32_t broker,
                              const std::optional<std::string_view>& words) {
  if (code == error_code::none) {
    return broker;
  }
  return fail(code, fmt::format("the coordinator of {}: {}{}{}", name, error_name(code),
                                words && !words->empty() ? ": " : "", words.value_or("")));
}

runtime::task<result<places_by_name>> find_many(connection_ptr to, coordinator_type type,
                                                const std::set<std::string>& names,
                                                runtime::steady_time deadline) {
  protocol::find_coordinator_request question;
  question.key_type = static_cast<std::int8_t>(type);
  question.coordinator_keys.assign(names.begin(), names.end());
  const auto answer = co_await to->call<protocol::find_coordinator_response>(question, deadline);
  if (!answer) {
    co_return fail(answer.error());
  }
  places_by_name places;
  for (const auto& each : answer->message.coordinators) {
    const std::string name(each.key);
    places.emplace(name, place_of(name, each.error_code, each.node_id, each.error_message));
  }
  co_return places;
}

runtime::task<result<places_by_name>> find_one_by_one(connection_ptr to, coordinator_type type,
                                                      const std::set<std::string>& names,
                                                      runtime::steady_time deadline) {
  places_by_name places;
  for (const std::string& name : names) {
    protocol::find_coordinator_request question;
    question.key_type = static_cast<std::int8_t>(type);
    question.key = name;
    const auto answer = co_await to->call<protocol::find_coordinator_response>(question, deadline,
                                                                               first_with_many - 1);
    if (!answer) {
      co_return fail(answer.error());
    }
    const auto& said = answer->message;
    places.emplace(name, place_of(name, said.error_code, said.node_id, said.error_message));
  }
  co_return places;
}

places_by_partition leaders_in(const protocol::metadata_response& said) {
  places_by_partition leaders;
  for (const auto& topic : said.topics) {
    for (const auto& partition : topic.partitions) {
      topic_partition name{std::string(topic.name.value_or("")), partition.partition_index};
      const std::int32_t leader = partition.leader_id;
      auto place = leader >= 0 ? result<std::int32_t>(leader)
                               : fail(error_code::leader_not_available,
                                      name.to_string() + " has no leader now");
      leaders.emplace(std::move(name), std::move(place));
    }
  }
  return leaders;
}

}  // namespace

runtime::task<result<places_by_name>> find_coordinators(cluster& cluster, coordinator_type type,
                                                        std::set<std::string> names,
                                                        runtime::steady_time deadline) {
  auto connection = co_await cluster.any_connection(deadline);
  if (!connection) {
    co_return fail(std::move(connection.error()));
  }
  const auto version = (*connection)
                           ->versions()
                           .choose(protocol::api_key::find_coordinator,
                                   {protocol::find_coordinator_request::lowest_version,
                                    protocol::find_coordinator_request::highest_version});
  if (!version) {
    co_return fail(version.error());
  }
  co_return *version >= first_with_many
      ? co_await find_many(*connection, type, names, deadline)
      : co_await find_one_by_one(*connection, type, names, deadline);
}

runtime::task<result<places_by_partition>> find_leaders(cluster& cluster,
                                                        std::set<topic_partition> partitions,
                                                        runtime::steady_time deadline) {
  auto connection = co_await cluster.any_connection(deadline);
  if (!connection) {
    co_return fail(std::move(connection.error()));
  }
  protocol::metadata_request question;
  question.allow_auto_topic_creation = false;
  std::string_view last;
  for (const topic_partition& each : partitions) {
    if (question.topics->empty() || each.topic != last) {
      last = each.topic;
      question.topics->push_back({.name = last});
    }
  }
  const auto answer = co_await (*connection)
                          ->call<protocol::metadata_response>(question, deadline, newest_metadata);
  if (!answer) {
    co_return fail(answer.error());
  }
  std::map<std::string, error_code> refusals;
  for (const auto& topic : answer->message.topics) {
    if (topic.error_code != error_code::none) {
      refusals.emplace(topic.name.value_or(""), topic.error_code);
    }
  }
  auto leaders = leaders_in(answer->message);
  for (const topic_partition& each : partitions) {
    const auto refused = refusals.find(each.topic);
    const auto code =
        refused == refusals.end() ? error_code::unknown_topic_or_partition : refused->second;
    leaders.emplace(each, fail(code, fmt::format("{}: {}", each.to_string(), error_name(code))));
  }
  co_return leaders;
}

}  // namespace barnabas::client
