// The handlers about topics and brokers, on a controller with a store in memory and no
// logs.
#include <gmock/gmock.h>

#include "broker/encode.h"
#include "broker/handlers/create_partitions.h"
#include "broker/handlers/create_topics.h"
#include "broker/handlers/delete_topics.h"
#include "broker/handlers/describe_cluster.h"
#include "broker/handlers/describe_configs.h"
#include "broker/handlers/describe_topic_partitions.h"
#include "broker/handlers/metadata.h"
#include "broker/tests/controller_node.h"

namespace barnabas::broker::handlers {
namespace {

using runtime::task;
using testing::ElementsAre;
using testing::IsEmpty;

task<owned_response<protocol::metadata_response>> ask(test_node& node,
                                                      std::vector<std::string_view> names,
                                                      std::int16_t version = 13) {
  protocol::metadata_request message;
  for (const std::string_view name : names) {
    message.topics->push_back({.name = name});
  }
  return metadata(node.services, node.at(version), message);
}
task<> create_by_asking(test_node& node) {
  const auto answer = co_await ask(node, {"new", "bad/name", "new"});
  const auto& message = answer.message;
  EXPECT_EQ(message.brokers.size(), 1);
  EXPECT_EQ(message.brokers[0].host, "outer");
  EXPECT_EQ(message.brokers[0].port, 2);
  EXPECT_EQ(message.brokers[0].rack, "r1");
  EXPECT_EQ(message.controller_id, 1);
  EXPECT_EQ(message.cluster_id->size(), 22);
  EXPECT_EQ(message.topics.size(), 2);
  EXPECT_EQ(message.topics[0].error_code, error_code::none);
  EXPECT_EQ(message.topics[0].name, "new");
  EXPECT_EQ(message.topics[0].partitions.size(), 1);
  EXPECT_EQ(message.topics[0].partitions[0].leader_id, 1);
  EXPECT_THAT(message.topics[0].partitions[0].isr_nodes, ElementsAre(1));
  EXPECT_THAT(message.topics[0].partitions[0].offline_replicas, IsEmpty());
  EXPECT_EQ(message.topics[0].topic_authorized_operations, INT32_MIN);
  EXPECT_EQ(message.topics[1].error_code, error_code::invalid_topic_exception);

  node.config.values["auto.create.topics.enable"] = "false";
  const auto refused = co_await ask(node, {"other"});
  EXPECT_EQ(refused.message.topics[0].error_code, error_code::unknown_topic_or_partition);
  EXPECT_EQ(refused.message.topics[0].name, "other");
}
TEST(metadata, creates_topics_that_are_asked_for) {
  run(create_by_asking);
}

task<> ask_by_id_and_for_all(test_node& node) {
  (void)co_await create(node, "b", 2);
  (void)co_await create(node, "a", 1);
  EXPECT_EQ((co_await ask(node, {}, 0)).message.topics.size(), 2)
      << "an empty list of version 0 is all";
  EXPECT_EQ((co_await ask(node, {}, 1)).message.topics.size(), 0);
  protocol::metadata_request message;
  message.topics = std::nullopt;
  const auto all = co_await metadata(node.services, node.at(13), message);
  EXPECT_EQ(all.message.topics[0].name, "a");
  EXPECT_EQ(all.message.topics[1].partitions.size(), 2);

  message.topics.emplace();
  message.topics->push_back({.topic_id = all.message.topics[1].topic_id, .name = std::nullopt});
  message.topics->push_back({.topic_id = uuid::from_random(1, 2), .name = std::nullopt});
  message.include_topic_authorized_operations = true;
  const auto by_id = co_await metadata(node.services, node.at(12), message);
  EXPECT_EQ(by_id.message.topics[0].name, "b");
  EXPECT_EQ(by_id.message.topics[0].topic_authorized_operations, all_topic_operations);
  EXPECT_EQ(by_id.message.topics[1].error_code, error_code::unknown_topic_id);
  EXPECT_FALSE(by_id.message.topics[1].name.has_value());
  const auto too_old = co_await metadata(node.services, node.at(10), message);
  EXPECT_EQ(too_old.message.topics[0].error_code, error_code::invalid_request);
  EXPECT_TRUE(too_old.message.topics[0].name.has_value()) << "version 10 has no null names";
}
TEST(metadata, finds_topics_by_id_and_all_of_them) {
  run(ask_by_id_and_for_all);
}

task<> other_listener(test_node& node) {
  (void)co_await create(node, "t", 1);
  node.facts.listener_name = "NONE";
  const auto answer = co_await ask(node, {"t"});
  EXPECT_THAT(answer.message.brokers, IsEmpty());
  EXPECT_EQ(answer.message.topics[0].partitions[0].error_code, error_code::listener_not_found);
  EXPECT_EQ((co_await ask(node, {"t"}, 5)).message.topics[0].partitions[0].error_code,
            error_code::leader_not_available);
  node.facts.listener_name = "INSIDE";
  EXPECT_EQ((co_await ask(node, {})).message.brokers[0].host, "inner");
  const auto described = describe_cluster(node.services, node.at(2), {});
  EXPECT_EQ(described.message.brokers[0].host, "inner");
  EXPECT_EQ(described.message.controller_id, 1);
  EXPECT_EQ(describe_cluster(node.services, node.at(2), {.endpoint_type = 2}).message.error_code,
            error_code::mismatched_endpoint_type);
}
TEST(metadata, shows_the_addresses_of_the_clients_listener) {
  run(other_listener);
}

task<> page_through(test_node& node) {
  (void)co_await create(node, "a", 2);
  (void)co_await create(node, "b", 3);
  protocol::describe_topic_partitions_request message;
  message.response_partition_limit = 3;
  const auto first = describe_topic_partitions(node.services, node.at(0), message);
  EXPECT_EQ(first.message.topics.size(), 2);
  EXPECT_EQ(first.message.topics[1].partitions.size(), 1);
  EXPECT_EQ(first.message.next_cursor->topic_name, "b");
  EXPECT_EQ(first.message.next_cursor->partition_index, 1);
  message.cursor = {.topic_name = "b", .partition_index = 1};
  const auto second = describe_topic_partitions(node.services, node.at(0), message);
  EXPECT_EQ(second.message.topics.size(), 1);
  EXPECT_EQ(second.message.topics[0].partitions.size(), 2);
  EXPECT_FALSE(second.message.next_cursor.has_value());
  message.cursor = std::nullopt;
  message.topics = {{"none"}, {"b"}, {"x/y"}};
  message.response_partition_limit = 4;
  const auto some = describe_topic_partitions(node.services, node.at(0), message);
  EXPECT_EQ(some.message.topics[0].name, "b");
  EXPECT_EQ(some.message.topics[1].error_code, error_code::unknown_topic_or_partition);
  EXPECT_EQ(some.message.topics[2].error_code, error_code::invalid_topic_exception);
  message.response_partition_limit = 3;
  const auto full = describe_topic_partitions(node.services, node.at(0), message);
  EXPECT_EQ(full.message.topics.size(), 1);
  EXPECT_EQ(full.message.next_cursor->topic_name, "none") << "also what is not there comes later";
  message.cursor = {.topic_name = "a", .partition_index = 0};
  EXPECT_EQ(
      describe_topic_partitions(node.services, node.at(0), message).message.topics[0].error_code,
      error_code::invalid_request)
      << "a is not asked for";
  message.cursor = {.topic_name = "b", .partition_index = -1};
  EXPECT_EQ(
      describe_topic_partitions(node.services, node.at(0), message).message.topics[0].error_code,
      error_code::invalid_request);
}
TEST(describe_topic_partitions, gives_some_at_a_time) {
  run(page_through);
}

task<> create_with_settings(test_node& node) {
  protocol::create_topics_request message;
  message.topics.push_back({.name = "t", .num_partitions = 2, .replication_factor = -1});
  message.topics.back().configs.push_back({.name = "retention.ms", .value = "5"});
  message.topics.push_back({.name = "twice", .num_partitions = 1, .replication_factor = 1});
  message.topics.push_back({.name = "twice", .num_partitions = 1, .replication_factor = 1});
  message.topics.push_back({.name = "again", .num_partitions = -1, .replication_factor = -1});
  message.topics.back().assignments = {{0, {1}}, {0, {1}}};
  const auto answer = co_await create_topics(node.services, node.at(7), message);
  const auto& topics = answer.message.topics;
  EXPECT_EQ(topics.size(), 3);
  EXPECT_EQ(topics[0].name, "again");
  EXPECT_EQ(topics[0].error_code, error_code::invalid_replica_assignment);
  EXPECT_EQ(topics[1].name, "t");
  EXPECT_EQ(topics[1].num_partitions, 2);
  EXPECT_EQ(topics[1].replication_factor, 1);
  EXPECT_FALSE(topics[1].topic_id.is_zero());
  const auto retention =
      std::ranges::find(*topics[1].configs, "retention.ms", [](const auto& c) { return c.name; });
  EXPECT_EQ(retention->value, "5");
  EXPECT_EQ(retention->config_source, 1);
  EXPECT_EQ(topics[2].error_code, error_code::invalid_request);
  message.topics[3].name = "twice";
  const auto all_refused = co_await create_topics(node.services, node.at(7), message);
  EXPECT_EQ(all_refused.message.topics.size(), 2u);
  EXPECT_EQ(all_refused.message.topics[1].name, "twice");
  EXPECT_EQ(all_refused.message.topics[1].error_code, error_code::invalid_request);
  message.topics.resize(1);
  const auto exists = co_await create_topics(node.services, node.at(7), message);
  EXPECT_EQ(exists.message.topics[0].error_code, error_code::topic_already_exists);
  EXPECT_FALSE(exists.message.topics[0].error_message->empty());
}
TEST(create_topics, answers_with_settings_and_reasons) {
  run(create_with_settings);
}

task<> grow_and_delete(test_node& node) {
  (void)co_await create(node, "t", 1);
  protocol::create_partitions_request more;
  more.topics.push_back({.name = "t", .count = 3, .assignments = std::nullopt});
  more.topics.push_back({.name = "none", .count = 3, .assignments = std::nullopt});
  more.topics.push_back({.name = "twice", .count = 2, .assignments = std::nullopt});
  more.topics.push_back({.name = "twice", .count = 3, .assignments = std::nullopt});
  more.timeout_ms = 5'000;
  const auto grown = co_await create_partitions(node.services, node.at(3), more);
  EXPECT_EQ(grown.message.results[0].error_code, error_code::none);
  EXPECT_FALSE(grown.message.results[0].error_message.has_value());
  EXPECT_EQ(grown.message.results[1].error_code, error_code::unknown_topic_or_partition);
  EXPECT_EQ(grown.message.results.size(), 3) << "one answer for the topic that is named twice";
  EXPECT_EQ(grown.message.results[2].error_code, error_code::invalid_request);
  const auto shown = co_await ask(node, {"t"});
  EXPECT_EQ(shown.message.topics[0].partitions.size(), 3);

  protocol::delete_topics_request gone;
  gone.timeout_ms = 5'000;
  gone.topics.push_back({.topic_id = shown.message.topics[0].topic_id});
  gone.topics.push_back({.name = ""});
  gone.topics.push_back({.name = "t", .topic_id = uuid::from_random(1, 1)});
  gone.topics.push_back({.topic_id = uuid::from_random(1, 1)});
  const auto answer = co_await delete_topics(node.services, node.at(6), gone);
  EXPECT_EQ(answer.message.responses[0].error_code, error_code::none);
  EXPECT_EQ(answer.message.responses[0].name, "t");
  EXPECT_EQ(answer.message.responses[1].error_code, error_code::unknown_topic_or_partition);
  EXPECT_EQ(answer.message.responses[2].error_code, error_code::invalid_request);
  EXPECT_EQ(answer.message.responses[3].error_code, error_code::unknown_topic_id);
  EXPECT_FALSE(answer.message.responses[3].name.has_value());
}
TEST(delete_topics, deletes_what_create_partitions_has_grown) {
  run(grow_and_delete);
}

task<> name_doomed_topics_twice(test_node& node) {
  (void)co_await create(node, "t", 1);
  (void)co_await create(node, "u", 1);
  const auto shown = co_await ask(node, {"t"});
  const uuid id = shown.message.topics[0].topic_id;
  protocol::delete_topics_request gone;
  gone.timeout_ms = 5'000;
  for (const std::string_view name : {"t", "none", "u", "none"}) {
    gone.topics.push_back({.name = name});
  }
  gone.topics.push_back({.name = std::nullopt, .topic_id = id});
  gone.topics.push_back({.name = std::nullopt});
  const auto answer = co_await delete_topics(node.services, node.at(6), gone);
  const auto& responses = answer.message.responses;
  EXPECT_EQ(responses.size(), 4u) << "one answer a topic";
  EXPECT_EQ(responses[0].error_code, error_code::invalid_request);
  EXPECT_EQ(responses[0].name, "t");
  EXPECT_EQ(responses[0].topic_id, id);
  EXPECT_EQ(responses[1].error_code, error_code::invalid_request);
  EXPECT_EQ(responses[2].error_code, error_code::none);
  EXPECT_EQ(responses[3].error_code, error_code::invalid_request) << "neither name nor id";
  gone.topic_names = {"t", "t"};
  gone.topics.clear();
  const auto older = co_await delete_topics(node.services, node.at(4), gone);
  EXPECT_EQ(older.message.responses.size(), 1u);
  EXPECT_EQ(older.message.responses[0].error_code, error_code::invalid_request);
  EXPECT_EQ((co_await ask(node, {"t"})).message.topics[0].topic_id, id);
}
TEST(delete_topics, keeps_topics_that_are_named_twice) {
  run(name_doomed_topics_twice);
}

task<> ask_for_too_much(test_node& node) {
  (void)co_await create(node, "t", 1);
  protocol::create_topics_request message;
  message.validate_only = true;
  message.topics.push_back({.name = "a", .num_partitions = 6'000, .replication_factor = 1});
  message.topics.push_back({.name = "b", .num_partitions = 4'000, .replication_factor = 1});
  const auto fits = co_await create_topics(node.services, node.at(7), message);
  EXPECT_EQ(fits.message.topics[1].error_code, error_code::none);
  message.topics[1].num_partitions = 4'001;
  const auto refused = co_await create_topics(node.services, node.at(7), message);
  EXPECT_EQ(refused.message.topics[0].error_code, error_code::policy_violation);
  EXPECT_EQ(refused.message.topics[1].error_code, error_code::policy_violation);
  protocol::create_partitions_request more;
  more.validate_only = true;
  more.topics.push_back({.name = "t", .count = 10'001, .assignments = std::nullopt});
  const auto grown = co_await create_partitions(node.services, node.at(3), more);
  EXPECT_EQ(grown.message.results[0].error_code, error_code::none);
  more.topics[0].count = 10'002;
  const auto kept = co_await create_partitions(node.services, node.at(3), more);
  EXPECT_EQ(kept.message.results[0].error_code, error_code::policy_violation);
}
TEST(create_topics, takes_ten_thousand_partitions_from_one_request) {
  run(ask_for_too_much);
}

template <class Message>
void expect_writable(test_node& node, const owned_response<Message>& response,
                     std::int16_t version) {
  const reply encoded = encode_reply(node.at(version), response.message);
  EXPECT_FALSE(encoded.close_connection) << typeid(Message).name() << " version " << version;
}

task<> answer_every_version(test_node& node) {
  (void)co_await create(node, "t", 1);
  for (std::int16_t version = 0; version <= protocol::metadata_response::highest_version;
       ++version) {
    expect_writable(node, co_await ask(node, {"t", "bad/name"}, version), version);
  }
  protocol::create_topics_request creation;
  creation.topics.push_back({.name = "t"});
  creation.topics.push_back({.name = "u", .num_partitions = 1, .replication_factor = 1});
  creation.validate_only = true;
  for (std::int16_t version = 0; version <= protocol::create_topics_response::highest_version;
       ++version) {
    expect_writable(node, co_await create_topics(node.services, node.at(7), creation), version);
  }
  protocol::describe_configs_request question;
  question.resources = {{2, "t"}, {4, "1"}, {4, ""}, {2, "none"}};
  question.include_synonyms = question.include_documentation = true;
  for (std::int16_t version = 0; version <= protocol::describe_configs_response::highest_version;
       ++version) {
    expect_writable(node, co_await describe_configs(node.services, version, question), version);
  }
  protocol::delete_topics_request deletion;
  deletion.topic_names = {"none", ""};
  for (std::int16_t version = 0; version <= protocol::delete_topics_response::highest_version;
       ++version) {
    expect_writable(node, co_await delete_topics(node.services, node.at(version), deletion),
                    version);
  }
  for (std::int16_t version = 0; version <= protocol::describe_cluster_response::highest_version;
       ++version) {
    const protocol::describe_cluster_request brokers{.include_cluster_authorized_operations = true};
    expect_writable(node, describe_cluster(node.services, node.at(version), brokers), version);
  }
}
TEST(metadata, answers_can_be_written_in_every_version) {
  run(answer_every_version);
}

}  // namespace
}  // namespace barnabas::broker::handlers
