#include <fmt/format.h>

#include "clients.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"

namespace barnabas::trial {
namespace {

runtime::task<result<>> create_topic(surroundings& around, wire& to) {
  protocol::create_topics_request request;
  request.timeout_ms = 1000;
  auto& topic = request.topics.emplace_back();
  topic.name = topic_name;
  topic.num_partitions = around.plan.partitions;
  topic.replication_factor = 1;
  auto response = co_await to.ask<protocol::create_topics_response>(request, 5);
  if (!response) {
    co_return fail(std::move(response.error()));
  }
  const error_code code = response->topics.at(0).error_code;
  if (code != error_code::none && code != error_code::topic_already_exists) {
    co_return fail(code, "the topic cannot be created");
  }
  co_return result<>{};
}

}  // namespace

runtime::task<result<uuid>> find_topic(surroundings& around, wire& to) {
  protocol::metadata_request request;
  request.allow_auto_topic_creation = around.plan.auto_creates_topic;
  request.topics->emplace_back().name = topic_name;
  auto response = co_await to.ask<protocol::metadata_response>(request, 12);
  if (!response) {
    co_return fail(std::move(response.error()));
  }
  const auto& topic = response->topics.at(0);
  if (topic.error_code == error_code::unknown_topic_or_partition &&
      !around.plan.auto_creates_topic) {
    if (auto created = co_await create_topic(around, to); !created) {
      co_return fail(std::move(created.error()));
    }
    co_return fail(error_code::unknown_topic_or_partition, "the topic has just been created");
  }
  if (topic.error_code != error_code::none) {
    co_return fail(topic.error_code, "the topic is not there");
  }
  for (const auto& partition : topic.partitions) {
    if (partition.error_code != error_code::none) {
      co_return fail(partition.error_code, "a partition is not there");
    }
  }
  if (static_cast<int>(topic.partitions.size()) != around.plan.partitions) {
    around.model.fail("topics_stay", fmt::format("the topic has {} partitions instead of {}",
                                                 topic.partitions.size(), around.plan.partitions));
  }
  co_return topic.topic_id;
}

}  // namespace barnabas::trial
