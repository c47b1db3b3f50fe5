#include "admin_world.h"
#include "client/admin/acls.h"
#include "client/admin/cluster_calls.h"
#include "client/admin/log_dirs.h"
#include "client/admin/partitions.h"
#include "client/admin/quotas.h"
#include "client/admin/replicas.h"
#include "client/admin/share_groups.h"
#include "client/admin/tokens.h"
#include "client/admin/topics.h"
#include "client/admin/transactions.h"
#include "client/admin/users.h"
#include "protocol/messages/alter_partition_reassignments_response.h"
#include "protocol/messages/alter_replica_log_dirs_request.h"
#include "protocol/messages/alter_replica_log_dirs_response.h"
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"
#include "protocol/messages/create_acls_request.h"
#include "protocol/messages/create_acls_response.h"
#include "protocol/messages/delete_acls_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/describe_client_quotas_response.h"
#include "protocol/messages/describe_cluster_request.h"
#include "protocol/messages/describe_cluster_response.h"
#include "protocol/messages/describe_producers_response.h"
#include "protocol/messages/describe_share_group_offsets_request.h"
#include "protocol/messages/describe_share_group_offsets_response.h"
#include "protocol/messages/elect_leaders_request.h"
#include "protocol/messages/elect_leaders_response.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/unregister_broker_response.h"
#include "protocol/messages/update_features_request.h"
#include "protocol/messages/update_features_response.h"
#include "security/scram.h"

namespace barnabas::client {
namespace {

using kafka::acl_binding;
using kafka::topic_partition;

TEST(admin_calls, acls_are_told_of_in_the_order_in_which_they_were_asked_about) {
  admin_world world(1, [](std::int32_t, const asked& question) {
    protocol::create_acls_response said;
    const auto request = request_in<protocol::create_acls_request>(question);
    for (const auto& creation : request.creations) {
      const bool is_bad = creation.principal == "bad";
      said.results.push_back({is_bad ? error_code::invalid_request : error_code::none,
                              is_bad ? "no type" : std::optional<std::string_view>()});
    }
    return answered(question, said);
  });
  const acl_binding good{.name = "z", .principal = "User:a"};
  const acl_binding bad{.name = "a", .principal = "bad"};
  const auto outcome = world.run(call(create_acls, std::vector{good, bad}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->at(good).has_value());
  EXPECT_EQ(outcome->at(bad).error().message, "INVALID_REQUEST: no type");
}

TEST(admin_calls, topics_are_described_and_deleted_by_their_ids) {
  const uuid known = uuid::from_random(1, 2);
  const uuid other = uuid::from_random(3, 4);
  admin_world world(1, [&](std::int32_t, const asked& question) {
    const auto request = request_in<protocol::delete_topics_request>(question);
    protocol::delete_topics_response said;
    for (const auto& topic : request.topics) {
      EXPECT_FALSE(topic.name);
      auto& one = said.responses.emplace_back();
      one.topic_id = topic.topic_id;
      one.error_code = topic.topic_id == known ? error_code::none : error_code::unknown_topic_id;
    }
    return answered(question, said);
  });
  const std::vector<std::string> ids{known.to_string(), other.to_string()};
  const auto outcome = world.run(call(delete_topics_by_id, ids));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->at(ids[0]).has_value());
  EXPECT_EQ(outcome->at(ids[1]).error().name(), "UNKNOWN_TOPIC_ID");
}

TEST(admin_calls, what_is_no_id_is_refused_before_anybody_is_asked) {
  admin_world world(1, [](std::int32_t, const asked&) { return reply{}; });
  const std::vector<std::string> ids{"letters"};
  EXPECT_EQ(world.run(call(delete_topics_by_id, ids)).error().message,
            "\"letters\" is no id of a topic");
  EXPECT_EQ(world.run(call(describe_topics_by_id, ids, false)).error().message,
            "\"letters\" is no id of a topic");
}

TEST(admin_calls, producers_are_asked_for_at_the_broker_that_was_chosen) {
  admin_world world(2, [](std::int32_t, const asked& question) {
    protocol::describe_producers_response said;
    auto& topic = said.topics.emplace_back();
    topic.name = "t";
    topic.partitions.emplace_back().active_producers = {{.producer_id = 7}};
    return answered(question, said);
  });
  world.leaders = {{{"t", 0}, 1}};
  const std::vector<topic_partition> partitions{{"t", 0}};
  const auto outcome =
      world.run(call(describe_producers, partitions, std::optional<std::int32_t>(2)));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at({"t", 0})->at(0).producer_id, 7);
  EXPECT_EQ(world.asked_of(1, api_key::describe_producers), 0);
  EXPECT_EQ(world.asked_of(2, api_key::describe_producers), 1);
}

TEST(admin_calls, operations_are_told_where_they_were_asked_for) {
  admin_world world(1, [](std::int32_t, const asked& question) {
    const auto request = request_in<protocol::describe_cluster_request>(question);
    protocol::describe_cluster_response said;
    if (request.include_cluster_authorized_operations) {
      said.cluster_authorized_operations = 1 << 8 | 1 << 3;
    }
    return answered(question, said);
  });
  const auto asked_for = world.run(call(describe_cluster, true));
  ASSERT_TRUE(asked_for) << asked_for.error().message;
  const kafka::operation_list expected{kafka::acl_operation::read, kafka::acl_operation::describe};
  EXPECT_EQ(asked_for->operations, expected);
  EXPECT_FALSE(world.run(call(describe_cluster, false))->operations);
}

TEST(admin_calls, an_answer_that_is_too_short_leaves_somebody_out) {
  admin_world world(1, [](std::int32_t, const asked& question) {
    protocol::delete_acls_response said;
    said.filter_results.resize(1);
    return answered(question, said);
  });
  const kafka::acl_filter first{.name = "a"};
  const kafka::acl_filter second{.name = "b"};
  const auto outcome = world.run(call(delete_acls, std::vector{first, second}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->at(first).has_value());
  EXPECT_EQ(outcome->at(second).error().name(), "UNKNOWN_SERVER_ERROR");
}

TEST(admin_calls, passwords_leave_salted) {
  std::set<std::string> salts;
  admin_world world(1, [&](std::int32_t, const asked& question) {
    const auto request = request_in<protocol::alter_user_scram_credentials_request>(question);
    for (const auto& set : request.upsertions) {
      salts.emplace(as_text(set.salt));
      EXPECT_EQ(as_text(set.salted_password),
                security::salted_password(security::scram_mechanism::sha_256, "secret",
                                          as_text(set.salt), 5000));
    }
    EXPECT_EQ(request.upsertions.size(), 2U);
    EXPECT_EQ(request.deletions.at(0).mechanism, 2);
    protocol::alter_user_scram_credentials_response said;
    said.results = {{.user = "a"}, {.user = "b", .error_code = error_code::resource_not_found}};
    return answered(question, said);
  });
  using enum kafka::scram_mechanism;
  const std::map<std::string, std::vector<kafka::scram_change>> changes{
      {"a", {{sha_256, "secret", 5000}}}, {"b", {{sha_512}, {sha_256, "secret", 5000}}}};
  const auto outcome = world.run(call(alter_user_scram_credentials, changes));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(salts.size(), 2U) << "each has its own";
  EXPECT_TRUE(outcome->at("a").has_value());
  EXPECT_EQ(outcome->at("b").error().name(), "RESOURCE_NOT_FOUND");
}

TEST(admin_calls, too_few_iterations_are_refused_before_anybody_is_asked) {
  admin_world world(1, [](std::int32_t, const asked&) { return reply{}; });
  const std::map<std::string, std::vector<kafka::scram_change>> changes{
      {"a", {{kafka::scram_mechanism::sha_256, "secret", 1}}}};
  const auto outcome = world.run(call(alter_user_scram_credentials, changes));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "1 iterations for user a: 4096 to 16384 are allowed");
}

TEST(admin_calls, an_error_of_the_whole_answer_is_one_of_all_and_moves_the_controller) {
  admin_world world(2, [&](std::int32_t broker, const asked& question) {
    protocol::alter_partition_reassignments_response said;
    world.controller = 2;
    said.error_code =
        broker == 1 ? error_code::not_controller : error_code::cluster_authorization_failed;
    said.error_message = "not you";
    return answered(question, said);
  });
  const new_replicas wanted{{{"t", 0}, kafka::replica_list{1}}, {{"t", 1}, std::nullopt}};
  const auto outcome = world.run(call(alter_partition_reassignments, wanted));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at({"t", 1}).error().message, "CLUSTER_AUTHORIZATION_FAILED: not you");
  EXPECT_EQ(world.asked_of(2, api_key::alter_partition_reassignments), 1);
}

TEST(admin_calls, elections_among_all_name_no_topic) {
  admin_world world(1, [](std::int32_t, const asked& question) {
    EXPECT_FALSE(request_in<protocol::elect_leaders_request>(question).topic_partitions);
    protocol::elect_leaders_response said;
    said.replica_election_results = {
        {.topic = "t", .partition_result = {{.error_code = error_code::leader_not_available}}}};
    return answered(question, said);
  });
  const auto outcome =
      world.run(call(elect_leaders, kafka::election_type::unclean, std::vector<topic_partition>()));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at({"t", 0}).error().name(), "LEADER_NOT_AVAILABLE");
}

TEST(admin_calls, replicas_move_at_their_own_brokers) {
  admin_world world(2, [](std::int32_t broker, const asked& question) {
    protocol::alter_replica_log_dirs_response said;
    const auto request = request_in<protocol::alter_replica_log_dirs_request>(question);
    EXPECT_EQ(request.dirs.size(), broker == 1 ? 2U : 1U) << "one entry a directory";
    for (const auto& dir : request.dirs) {
      for (const auto& topic : dir.topics) {
        auto& told = said.results.emplace_back();
        told.topic_name = topic.name;
        for (const std::int32_t partition : topic.partitions) {
          told.partitions.push_back(
              {partition, broker == 2 ? error_code::log_dir_not_found : error_code::none});
        }
      }
    }
    return answered(question, said);
  });
  const std::map<kafka::replica, std::string> wanted{
      {{{"t", 0}, 1}, "/a"}, {{{"t", 1}, 1}, "/b"}, {{{"t", 0}, 2}, "/a"}};
  const auto outcome = world.run(call(alter_replica_log_dirs, wanted));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->at({{"t", 1}, 1}).has_value());
  EXPECT_EQ(outcome->at({{"t", 0}, 2}).error().name(), "LOG_DIR_NOT_FOUND");
}

TEST(admin_calls, producers_are_fenced_one_by_one_at_their_coordinators) {
  admin_world world(2, [](std::int32_t broker, const asked& question) {
    const auto request = request_in<protocol::init_producer_id_request>(question);
    protocol::init_producer_id_response said;
    said.error_code = request.transactional_id == "c"
                          ? error_code::transactional_id_authorization_failed
                          : error_code::none;
    said.producer_id = broker;
    return answered(question, said);
  });
  world.coordinators = {{"a", 1}, {"b", 2}, {"c", 2}};
  const auto outcome = world.run(call(fence_producers, std::vector<std::string>{"a", "b", "c"}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at("a")->producer_id, 1);
  EXPECT_EQ(outcome->at("b")->producer_id, 2);
  EXPECT_EQ(outcome->at("c").error().name(), "TRANSACTIONAL_ID_AUTHORIZATION_FAILED");
  EXPECT_EQ(world.asked_of(2, api_key::init_producer_id), 2);
}

TEST(admin_calls, features_are_told_of_by_old_brokers_one_by_one_and_by_new_ones_at_once) {
  for (const std::int16_t newest : {0, 1, 2}) {
    admin_world world(1, [](std::int32_t, const asked& question) {
      const auto request = request_in<protocol::update_features_request>(question);
      EXPECT_EQ(request.feature_updates.at(0).allow_downgrade, question.version == 0);
      protocol::update_features_response said;
      if (question.version < 2) {
        said.results = {{.feature = "f", .error_code = error_code::invalid_update_version}};
      }
      return answered(question, said);
    });
    world.newest[api_key::update_features] = newest;
    const std::map<std::string, kafka::feature_update> wanted{
        {"f", {3, kafka::feature_change::safe_downgrade}}};
    const auto outcome = world.run(call(update_features, wanted, false));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->at("f").has_value(), newest == 2);
  }
}

TEST(admin_calls, share_groups_are_asked_about_by_names_of_any_length) {
  const std::string group(100, 'g');
  const std::string topic(200, 't');
  admin_world world(1, [&](std::int32_t, const asked& question) {
    const auto request = request_in<protocol::describe_share_group_offsets_request>(question);
    protocol::describe_share_group_offsets_response said;
    for (const auto& asked : request.groups) {
      auto& told = said.groups.emplace_back();
      told.group_id = asked.group_id;
      EXPECT_EQ(asked.topics.has_value(), asked.group_id == group) << "none named: all";
      if (asked.topics) {
        EXPECT_EQ(asked.topics->size(), 1U);
        told.topics = {{.topic_name = asked.topics->at(0).topic_name,
                        .partitions = {{.partition_index = 7, .start_offset = 3}}}};
      }
    }
    return answered(question, said);
  });
  world.coordinators = {{group, 1}, {"all", 1}};
  const kafka::partitions_by_group wanted{{group, {{topic, 7}, {topic, 2}}}, {"all", {}}};
  const auto outcome = world.run(call(list_share_group_offsets, wanted));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->at(group)->at({topic, 7})->start_offset, 3);
  EXPECT_TRUE(outcome->at("all")->empty());
}

TEST(admin_calls, quotas_without_a_name_are_the_default) {
  admin_world world(1, [](std::int32_t, const asked& question) {
    protocol::describe_client_quotas_response said;
    said.entries.emplace();
    said.entries->push_back({.entity = {{"user", std::nullopt}, {"client-id", "c"}},
                             .values = {{"request_percentage", 50}}});
    return answered(question, said);
  });
  const auto outcome = world.run(call(describe_client_quotas, kafka::quota_filter()));
  ASSERT_TRUE(outcome) << outcome.error().message;
  const kafka::quota_entity entity{{"user", std::nullopt}, {"client-id", "c"}};
  EXPECT_EQ(outcome->at(entity).at("request_percentage"), 50);
}

TEST(admin_calls, what_has_no_value_is_done_or_refused_in_the_brokers_words) {
  admin_world world(1, [](std::int32_t, const asked& question) {
    protocol::unregister_broker_response said;
    said.error_code = error_code::broker_id_not_registered;
    said.error_message = "who is 9?";
    return answered(question, said);
  });
  const auto outcome = world.run(call(unregister_broker, 9));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "BROKER_ID_NOT_REGISTERED: who is 9?");
}

TEST(admin_calls, a_voter_needs_the_id_of_a_directory) {
  admin_world world(1, [](std::int32_t, const asked&) { return reply{}; });
  const kafka::raft_voter voter{.id = 3, .directory_id = "here"};
  const auto outcome = world.run(call(remove_raft_voter, voter));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "the directory id of voter 3 is no id: here");
}

}  // namespace
}  // namespace barnabas::client
