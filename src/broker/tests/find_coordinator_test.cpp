// FindCoordinator and the topic that it makes, on a controller with a store in memory and no logs.
#include "broker/handlers/find_coordinator.h"

#include <gmock/gmock.h>

#include "broker/handlers/metadata.h"
#include "broker/internal_topics.h"
#include "broker/tests/controller_node.h"

namespace barnabas::broker::handlers {
namespace {

using runtime::task;
using testing::ElementsAre;
using testing::Pair;

auto ask(test_node& node, std::int16_t version, std::int8_t type,
         std::vector<std::string_view> keys) {
  protocol::find_coordinator_request message;
  message.key_type = type;
  if (version < 4) {
    message.key = keys.front();
  } else {
    message.coordinator_keys = std::move(keys);
  }
  node.request.version = version;
  return find_coordinator(node.services, node.request, std::move(message));
}

task<> makes_the_topic_as_kafka_does(test_node& node) {
  node.config.values = {{"offsets.topic.segment.bytes", "12345"}};
  const auto answer = co_await ask(node, 3, 0, {"group"});
  EXPECT_EQ(answer.message.error_code, error_code::none);
  EXPECT_EQ(answer.message.node_id, 1);
  EXPECT_EQ(answer.message.host, "outer");
  EXPECT_EQ(answer.message.port, 2);
  const cluster::image_ptr image = node.board.current();
  const cluster::topic* topic = image->find_topic("__consumer_offsets");
  EXPECT_TRUE(topic != nullptr);
  if (topic != nullptr) {
    EXPECT_EQ(topic->partitions.size(), 50u);
    EXPECT_EQ(topic->partitions.front().replicas.size(), 1u) << "one broker is enough unset";
    EXPECT_THAT(topic->config,
                ElementsAre(Pair("cleanup.policy", "compact"), Pair("compression.type", "producer"),
                            Pair("segment.bytes", "12345")));
  }
}
TEST(find_coordinator, makes_the_topic_as_kafka_does) {
  run(makes_the_topic_as_kafka_does);
}

task<> a_replication_factor_that_was_asked_for_is_kept_to(test_node& node) {
  node.config.values = {{"offsets.topic.replication.factor", "3"}};
  const auto answer = co_await ask(node, 3, 0, {"group"});
  EXPECT_EQ(answer.message.error_code, error_code::coordinator_not_available);
  EXPECT_EQ(answer.message.node_id, -1);
  EXPECT_EQ(node.board.current()->find_topic("__consumer_offsets"), nullptr);
}
TEST(find_coordinator, a_replication_factor_that_was_asked_for_is_kept_to) {
  run(a_replication_factor_that_was_asked_for_is_kept_to);
}

task<> answers_every_key_in_order(test_node& node) {
  const auto answer = co_await ask(node, 6, 0, {"b", "a", "b", ""});
  EXPECT_EQ(answer.message.coordinators.size(), 4u);
  std::vector<std::string> keys;
  for (const auto& each : answer.message.coordinators) {
    EXPECT_EQ(each.error_code, error_code::none);
    EXPECT_EQ(each.node_id, 1);
    keys.emplace_back(each.key);
  }
  EXPECT_THAT(keys, ElementsAre("b", "a", "b", ""));
}
TEST(find_coordinator, answers_every_key_in_order) {
  run(answers_every_key_in_order);
}

task<> what_it_does_not_coordinate_is_refused(test_node& node) {
  for (const std::int8_t type : {1, 2, 9}) {
    const auto answer = co_await ask(node, 6, type, {"x"});
    EXPECT_EQ(answer.message.coordinators.at(0).error_code, error_code::invalid_request);
    EXPECT_EQ(answer.message.coordinators.at(0).node_id, -1);
  }
  EXPECT_EQ(node.board.current()->find_topic("__consumer_offsets"), nullptr);
}
TEST(find_coordinator, what_it_does_not_coordinate_is_refused) {
  run(what_it_does_not_coordinate_is_refused);
}

task<> a_listener_without_an_address_has_no_coordinator(test_node& node) {
  node.facts.listener_name = "ELSEWHERE";
  const auto answer = co_await ask(node, 3, 0, {"group"});
  EXPECT_EQ(answer.message.error_code, error_code::coordinator_not_available);
}
TEST(find_coordinator, a_listener_without_an_address_has_no_coordinator) {
  run(a_listener_without_an_address_has_no_coordinator);
}

task<> metadata_makes_the_topic_too(test_node& node) {
  protocol::metadata_request message;
  message.allow_auto_topic_creation = true;
  message.topics->emplace_back().name = "__consumer_offsets";
  node.request.version = 12;
  const auto answer = co_await metadata(node.services, node.request, std::move(message));
  EXPECT_EQ(answer.message.topics.at(0).error_code, error_code::none);
  EXPECT_TRUE(answer.message.topics.at(0).is_internal);
  EXPECT_EQ(answer.message.topics.at(0).partitions.size(), 50u);
}
TEST(find_coordinator, metadata_makes_the_topic_too) {
  run(metadata_makes_the_topic_too);
}

}  // namespace
}  // namespace barnabas::broker::handlers
