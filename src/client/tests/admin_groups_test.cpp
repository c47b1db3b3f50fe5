#include "admin_world.h"
#include "client/admin/group_offsets.h"
#include "client/admin/groups.h"
#include "protocol/messages/consumer_group_describe_request.h"
#include "protocol/messages/consumer_group_describe_response.h"
#include "protocol/messages/consumer_protocol_assignment.h"
#include "protocol/messages/delete_groups_request.h"
#include "protocol/messages/delete_groups_response.h"
#include "protocol/messages/describe_groups_request.h"
#include "protocol/messages/describe_groups_response.h"
#include "protocol/messages/leave_group_request.h"
#include "protocol/messages/leave_group_response.h"
#include "protocol/messages/list_groups_response.h"
#include "protocol/messages/offset_commit_request.h"
#include "protocol/messages/offset_commit_response.h"
#include "protocol/messages/offset_fetch_request.h"
#include "protocol/messages/offset_fetch_response.h"

namespace barnabas::client {
namespace {

using names = std::vector<std::string>;

reply deleted(const asked& question, error_code code) {
  protocol::delete_groups_response said;
  const auto request = request_in<protocol::delete_groups_request>(question);
  for (const std::string_view group : request.groups_names) {
    said.results.push_back({group, code});
  }
  return answered(question, said);
}

TEST(admin_groups, go_to_their_coordinators_with_those_of_the_same_one) {
  admin_world world(
      3, [](std::int32_t, const asked& question) { return deleted(question, error_code::none); });
  world.coordinators = {{"a", 2}, {"b", 3}, {"c", 2}};
  const auto outcome = world.run(call(delete_groups, names{"a", "b", "c"}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->size(), 3U);
  EXPECT_EQ(world.asked_of(2, api_key::delete_groups), 1);
  EXPECT_EQ(world.asked_of(3, api_key::delete_groups), 1);
  EXPECT_EQ(world.asked_of(1, api_key::find_coordinator), 1) << "all in one question";
}

TEST(admin_groups, follow_a_coordinator_that_moves) {
  admin_world world(2, [&](std::int32_t broker, const asked& question) {
    world.coordinators["a"] = 2;
    return deleted(question, broker == 1 ? error_code::not_coordinator : error_code::none);
  });
  world.coordinators = {{"a", 1}, {"b", 2}};
  const auto outcome = world.run(call(delete_groups, names{"a", "b"}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->at("a").has_value());
  EXPECT_EQ(world.asked_of(2, api_key::delete_groups), 2);
}

TEST(admin_groups, find_coordinators_of_older_brokers_one_by_one) {
  admin_world world(
      2, [](std::int32_t, const asked& question) { return deleted(question, error_code::none); });
  world.newest[api_key::find_coordinator] = 3;
  world.coordinators = {{"a", 1}, {"b", 2}};
  const auto outcome = world.run(call(delete_groups, names{"a", "b"}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->size(), 2U);
  EXPECT_EQ(world.asked_of(2, api_key::delete_groups), 1);
}

TEST(admin_groups, are_listed_by_every_broker) {
  admin_world world(2, [](std::int32_t broker, const asked& question) {
    protocol::list_groups_response said;
    said.groups = {{.group_id = broker == 1 ? "one" : "two", .group_state = "Empty"}};
    return answered(question, said);
  });
  const auto outcome = world.run(call(list_groups, kafka::group_filter{}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at(1)->at(0).id, "one");
  EXPECT_EQ(outcome->at(2)->at(0).id, "two");
}

TEST(admin_groups, cannot_be_filtered_by_a_broker_that_knows_no_types) {
  admin_world world(1, [](std::int32_t, const asked&) { return reply{}; });
  world.newest[api_key::list_groups] = 4;
  const auto outcome = world.run(call(list_groups, kafka::group_filter{.types = {"Classic"}}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().name(), "UNSUPPORTED_VERSION");
}

reply described(const asked& question) {
  if (question.key == api_key::consumer_group_describe) {
    protocol::consumer_group_describe_response said;
    const auto request = request_in<protocol::consumer_group_describe_request>(question);
    for (const std::string_view id : request.group_ids) {
      auto& group = said.groups.emplace_back();
      group.group_id = id;
      group.group_epoch = 7;
      group.error_code = id == "newer" ? error_code::none : error_code::group_id_not_found;
    }
    return answered(question, said);
  }
  protocol::describe_groups_response said;
  const auto request = request_in<protocol::describe_groups_request>(question);
  protocol::consumer_protocol_assignment assignment;
  assignment.assigned_partitions = {{"t", {0, 2}}};
  std::vector<std::byte> bytes(2);  // version 0
  EXPECT_TRUE(protocol::append_bytes(bytes, assignment, 0));
  for (const std::string_view id : request.groups) {
    auto& group = said.groups.emplace_back();
    group.group_id = id;
    group.protocol_type = "consumer";
    group.members = {{.member_id = "m", .member_assignment = bytes},
                     {.member_id = "n", .group_instance_id = "i"}};
  }
  return answered(question, said);
}

TEST(admin_groups, are_described_by_the_protocol_that_they_have) {
  admin_world world(1, [](std::int32_t, const asked& question) { return described(question); });
  world.coordinators = {{"newer", 1}, {"classic", 1}};
  const auto outcome = world.run(call(describe_consumer_groups, names{"newer", "classic"}, false));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at("newer")->epoch, 7);
  EXPECT_EQ(outcome->at("newer")->type, "Consumer");
  EXPECT_EQ(outcome->at("classic")->type, "Classic");
  const std::vector<kafka::topic_partition> expected{{"t", 0}, {"t", 2}};
  EXPECT_EQ(outcome->at("classic")->members.at(0).assignment, expected);
}

TEST(admin_groups, are_classic_ones_where_a_broker_knows_no_others) {
  admin_world world(1, [](std::int32_t, const asked& question) { return described(question); });
  world.newest[api_key::consumer_group_describe] = -1;
  world.coordinators = {{"g", 1}};
  const auto outcome = world.run(call(describe_consumer_groups, names{"g"}, false));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at("g")->type, "Classic");
}

TEST(admin_groups, lose_all_members_when_none_is_named) {
  admin_world world(1, [](std::int32_t, const asked& question) {
    if (question.key != api_key::leave_group) {
      return described(question);
    }
    protocol::leave_group_response said;
    const auto request = request_in<protocol::leave_group_request>(question);
    for (const auto& member : request.members) {
      EXPECT_EQ(member.reason, "moving");
      said.members.push_back(
          {member.member_id, member.group_instance_id,
           member.member_id == "m" ? error_code::unknown_member_id : error_code::none});
    }
    return answered(question, said);
  });
  world.coordinators = {{"g", 1}};
  const auto outcome = world.run(call(remove_group_members, std::string("g"),
                                      std::vector<kafka::member_name>(), std::string("moving")));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->size(), 2U);
  EXPECT_EQ(outcome->at({"m", std::nullopt}).error().name(), "UNKNOWN_MEMBER_ID");
  EXPECT_TRUE(outcome->at({"", "i"}).has_value());
}

reply fetched(const asked& question) {
  protocol::offset_fetch_response said;
  const auto request = request_in<protocol::offset_fetch_request>(question);
  if (question.version < 8) {
    said.topics = {{.name = "t", .partitions = {{.committed_offset = 5}}}};
    said.error_code =
        request.group_id == "none" ? error_code::group_authorization_failed : error_code::none;
  }
  for (const auto& asked : request.groups) {
    auto& group = said.groups.emplace_back();
    group.group_id = asked.group_id;
    group.error_code =
        asked.group_id == "none" ? error_code::group_authorization_failed : error_code::none;
    group.topics = {{.name = "t", .partitions = {{.committed_offset = 5}}}};
  }
  return answered(question, said);
}

TEST(admin_groups, offsets_of_many_are_listed_in_one_request_where_the_broker_can) {
  for (const std::int16_t newest : {2, 7, 8, 10}) {
    admin_world world(1, [](std::int32_t, const asked& question) { return fetched(question); });
    world.newest[api_key::offset_fetch] = newest;
    world.coordinators = {{"a", 1}, {"b", 1}, {"none", 1}};
    const kafka::partitions_by_group wanted{{"a", {}}, {"b", {{"t", 0}}}, {"none", {}}};
    const auto outcome = world.run(call(list_group_offsets, wanted, false));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->at("a")->at({"t", 0})->offset, 5);
    EXPECT_EQ(outcome->at("b")->at({"t", 0})->offset, 5);
    EXPECT_EQ(outcome->at("none").error().name(), "GROUP_AUTHORIZATION_FAILED");
    EXPECT_EQ(world.asked_of(1, api_key::offset_fetch), newest < 8 ? 3 : 1);
  }
}

TEST(admin_groups, offsets_that_are_refused_are_told_of_one_by_one) {
  admin_world world(1, [](std::int32_t, const asked& question) {
    protocol::offset_commit_response said;
    const auto request = request_in<protocol::offset_commit_request>(question);
    EXPECT_EQ(request.topics.size(), 2U) << "partitions of a topic stand together";
    for (const auto& topic : request.topics) {
      auto& told = said.topics.emplace_back();
      told.name = topic.name;
      for (const auto& each : topic.partitions) {
        told.partitions.push_back({each.partition_index, each.committed_offset == 9
                                                             ? error_code::unknown_member_id
                                                             : error_code::none});
      }
    }
    return answered(question, said);
  });
  world.coordinators = {{"g", 1}};
  const std::map<kafka::topic_partition, kafka::committed_offset> wanted{
      {{"t", 0}, {.offset = 5}}, {{"t", 1}, {.offset = 9}}, {{"u", 0}, {.offset = 6}}};
  const auto outcome = world.run(call(alter_group_offsets, std::string("g"), wanted));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->at({"t", 0}).has_value());
  EXPECT_EQ(outcome->at({"t", 1}).error().name(), "UNKNOWN_MEMBER_ID");
  EXPECT_TRUE(outcome->at({"u", 0}).has_value());
}

}  // namespace
}  // namespace barnabas::client
