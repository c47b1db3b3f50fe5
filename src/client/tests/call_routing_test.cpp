#include "client/call_routing.h"

#include "admin_world.h"
#include "client/admin/configs.h"
#include "client/admin/partitions.h"
#include "client/admin/topics.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;
using kafka::isolation_level;
using times = std::map<kafka::topic_partition, std::int64_t>;

reply deleted(const asked& question, error_code code) {
  protocol::delete_topics_response said;
  const auto request = request_in<protocol::delete_topics_request>(question);
  for (const std::string_view name : request.topic_names) {
    said.responses.push_back({.name = name, .error_code = code});
  }
  return answered(question, said);
}

// Every partition has the offset that its broker's number says.
reply offsets_of(std::int32_t broker, const asked& question, error_code code = error_code::none) {
  protocol::list_offsets_response said;
  const auto request = request_in<protocol::list_offsets_request>(question);
  for (const auto& topic : request.topics) {
    auto& told = said.topics.emplace_back();
    told.name = topic.name;
    for (const auto& each : topic.partitions) {
      told.partitions.push_back(
          {.partition_index = each.partition_index, .error_code = code, .offset = broker});
    }
  }
  return answered(question, said);
}

TEST(call_routing, follows_the_controller_when_it_moves) {
  admin_world world(3, [&](std::int32_t broker, const asked& question) {
    world.controller = 3;
    return deleted(question, broker == 3 ? error_code::none : error_code::not_controller);
  });
  const auto outcome = world.run(call(delete_topics, std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->at("a").has_value());
  EXPECT_TRUE(outcome->at("b").has_value());
  EXPECT_EQ(world.asked_of(1, api_key::delete_topics), 1);
  EXPECT_EQ(world.asked_of(2, api_key::delete_topics), 0);
  EXPECT_EQ(world.asked_of(3, api_key::delete_topics), 1) << "both in one request";
}

TEST(call_routing, asks_each_leader_about_its_own_partitions_in_one_request) {
  admin_world world(
      3, [](std::int32_t broker, const asked& question) { return offsets_of(broker, question); });
  world.leaders = {{{"t", 0}, 1}, {{"t", 1}, 2}, {{"t", 2}, 2}, {{"u", 0}, 3}};
  const auto outcome = world.run(
      call(list_offsets, times{{{"t", 0}, -1}, {{"t", 1}, -1}, {{"t", 2}, -1}, {{"u", 0}, -1}},
           isolation_level::read_uncommitted));
  ASSERT_TRUE(outcome) << outcome.error().message;
  for (const auto& [name, leader] : world.leaders) {
    EXPECT_EQ(outcome->at({name.topic, name.partition})->offset, leader);
  }
  EXPECT_EQ(world.asked_of(2, api_key::list_offsets), 1);
}

TEST(call_routing, asks_again_only_for_what_moved) {
  admin_world world(2, [&](std::int32_t broker, const asked& question) {
    if (broker == 1) {
      world.leaders[{"t", 0}] = 2;
      return offsets_of(broker, question, error_code::not_leader_or_follower);
    }
    const auto request = request_in<protocol::list_offsets_request>(question);
    EXPECT_EQ(request.topics.at(0).partitions.size(), 1U);
    return offsets_of(broker, question);
  });
  world.leaders = {{{"t", 0}, 1}, {{"t", 1}, 2}};
  const auto outcome = world.run(
      call(list_offsets, times{{{"t", 0}, -1}, {{"t", 1}, -1}}, isolation_level::read_uncommitted));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at({"t", 0})->offset, 2);
  EXPECT_EQ(outcome->at({"t", 1})->offset, 2);
}

TEST(call_routing, tells_of_each_what_became_of_it) {
  admin_world world(
      1, [](std::int32_t broker, const asked& question) { return offsets_of(broker, question); });
  world.leaders = {{{"t", 0}, 1}, {{"t", 1}, -1}};
  world.call_timeout = 3s;
  const auto outcome =
      world.run(call(list_offsets, times{{{"t", 0}, -1}, {{"t", 1}, -1}, {{"none", 0}, -1}},
                     isolation_level::read_uncommitted));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at({"t", 0})->offset, 1);
  EXPECT_EQ(outcome->at({"t", 1}).error().message, "t-1 has no leader now");
  EXPECT_EQ(outcome->at({"none", 0}).error().name(), "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(world.asked_of(1, api_key::list_offsets), 1);
  EXPECT_LE(world.took, 3300ms);
}

TEST(call_routing, waits_a_moment_for_a_topic_that_nobody_knows) {
  admin_world world(
      1, [](std::int32_t broker, const asked& question) { return offsets_of(broker, question); });
  const auto outcome =
      world.run(call(list_offsets, times{{{"none", 0}, -1}}, isolation_level::read_uncommitted));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at({"none", 0}).error().message, "none-0: UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_GT(world.took, 900ms);
  EXPECT_LT(world.took, 3s);
}

TEST(call_routing, names_the_call_that_a_broker_does_not_serve) {
  admin_world world(1, [](std::int32_t, const asked&) { return reply{}; });
  world.newest[api_key::create_partitions] = -1;
  const std::map<std::string, kafka::new_partitions> wanted{{"t", {.count = 3}}};
  const auto outcome = world.run(call(create_partitions, wanted, false));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().name(), "UNSUPPORTED_VERSION");
  EXPECT_EQ(outcome.error().message, "the broker does not serve CreatePartitions");
}

TEST(call_routing, refuses_what_an_older_version_would_take_for_something_else) {
  admin_world world(
      1, [](std::int32_t broker, const asked& question) { return offsets_of(broker, question); });
  world.leaders = {{{"t", 0}, 1}};
  world.newest[api_key::list_offsets] = 6;
  const auto outcome =
      world.run(call(list_offsets, times{{{"t", 0}, kafka::offset_spec::max_timestamp}},
                     isolation_level::read_uncommitted));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at({"t", 0}).error().message,
            "the broker serves ListOffsets in versions 0 to 6, this client 7 to 11");
}

TEST(call_routing, tries_a_silent_broker_again_until_the_deadline) {
  admin_world world(1, [](std::int32_t, const asked&) { return reply{}; });
  world.attempt_timeout = 2s;
  world.call_timeout = 7s;
  const auto outcome = world.run(call(delete_topics, std::vector<std::string>{"t"}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().name(), "REQUEST_TIMED_OUT");
  EXPECT_GE(world.asked_of(1, api_key::delete_topics), 3);
  EXPECT_LE(world.took, 7700ms);
  EXPECT_GT(world.took, 6s);
}

TEST(call_routing, says_that_there_is_no_such_broker_without_waiting_for_one) {
  admin_world world(1, [](std::int32_t, const asked&) { return reply{}; });
  const std::vector<kafka::resource> wanted{{kafka::resource_type::broker, "7"}};
  const auto outcome = world.run(call(describe_configs, wanted));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "the cluster has no broker 7");
  EXPECT_LT(world.took, 2s);
}

TEST(call_routing, asks_brokers_about_themselves_and_anyone_about_the_rest) {
  admin_world world(3, [](std::int32_t broker, const asked& question) {
    protocol::describe_configs_response said;
    const auto request = request_in<protocol::describe_configs_request>(question);
    for (const auto& of : request.resources) {
      const bool is_broker = of.resource_type == 4 && !of.resource_name.empty();
      EXPECT_TRUE(!is_broker || of.resource_name == std::to_string(broker));
      auto& told = said.results.emplace_back();
      told.resource_type = of.resource_type;
      told.resource_name = of.resource_name;
      told.error_code =
          of.resource_name == "bad" ? error_code::invalid_topic_exception : error_code::none;
      told.error_message = "no such name";
    }
    return answered(question, said);
  });
  using enum kafka::resource_type;
  const std::vector<kafka::resource> wanted{
      {broker, "1"}, {broker, "3"}, {broker, ""}, {topic, "bad"}, {topic, "good"}};
  const auto outcome = world.run(call(describe_configs, wanted));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->size(), 5U);
  EXPECT_TRUE(outcome->at({broker, "3"}).has_value());
  EXPECT_EQ(outcome->at({topic, "bad"}).error().message, "INVALID_TOPIC_EXCEPTION: no such name");
  EXPECT_TRUE(outcome->at({topic, "good"}).has_value());
}

TEST(call_routing, says_what_an_answer_leaves_out) {
  admin_world world(1, [](std::int32_t, const asked& question) {
    return answered(question, protocol::delete_topics_response{});
  });
  const auto outcome = world.run(call(delete_topics, std::vector<std::string>{"t"}));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->at("t").error().message, "the broker's answer leaves out what was asked for");
}

TEST(call_routing, goes_again_when_a_quota_is_exceeded) {
  int calls = 0;
  admin_world world(1, [&](std::int32_t, const asked& question) {
    return deleted(question,
                   ++calls < 4 ? error_code::throttling_quota_exceeded : error_code::none);
  });
  const auto outcome = world.run(call(delete_topics, std::vector<std::string>{"t"}));
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->at("t").has_value());
  EXPECT_EQ(calls, 4);
}

TEST(call_routing, gets_over_a_lost_connection) {
  int calls = 0;
  admin_world world(1, [&](std::int32_t, const asked& question) {
    return ++calls == 1 ? reply{.closes = true} : deleted(question, error_code::none);
  });
  const auto outcome = world.run(call(delete_topics, std::vector<std::string>{"t"}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->at("t").has_value());
}

TEST(call_routing, bears_garbage) {
  admin_world world(1, [](std::int32_t, const asked& question) {
    return reply{rpc::frame_of(question.correlation_id, true, std::vector<std::byte>(3))};
  });
  world.call_timeout = 2s;
  const auto outcome = world.run(call(delete_topics, std::vector<std::string>{"t"}));
  ASSERT_FALSE(outcome);
  EXPECT_LE(world.took, 2200ms);
}

TEST(call_routing, asks_nobody_about_nothing) {
  admin_world world(1, [](std::int32_t, const asked&) { return reply{}; });
  const auto outcome = world.run(call(delete_topics, std::vector<std::string>()));
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->empty());
}

}  // namespace
}  // namespace barnabas::client
