// The handlers about settings, on a controller with a store in memory and no logs.
#include <gmock/gmock.h>

#include "base/log_levels.h"
#include "broker/handlers/alter_configs.h"
#include "broker/handlers/describe_configs.h"
#include "broker/handlers/elect_leaders.h"
#include "broker/handlers/incremental_alter_configs.h"
#include "broker/handlers/list_config_resources.h"
#include "broker/handlers/list_partition_reassignments.h"
#include "broker/tests/controller_node.h"

namespace barnabas::broker::handlers {
namespace {

using runtime::task;
using testing::ElementsAre;
using testing::IsEmpty;

task<protocol::describe_configs_response_describe_configs_resource_result> describe_one(
    test_node& node, std::int8_t type, std::string_view resource, std::string_view key,
    owned_response<protocol::describe_configs_response>& keeps) {
  protocol::describe_configs_request message;
  message.include_synonyms = true;
  message.include_documentation = true;
  message.resources.push_back({.resource_type = type, .resource_name = resource});
  message.resources.back().configuration_keys->push_back(key);
  keeps = co_await describe_configs(node.services, 4, message);
  EXPECT_EQ(keeps.message.results[0].error_code, error_code::none);
  EXPECT_EQ(keeps.message.results[0].error_message, "") << "not null";
  EXPECT_EQ(keeps.message.results[0].configs.size(), 1) << key;
  co_return keeps.message.results[0].configs.empty()
      ? protocol::describe_configs_response_describe_configs_resource_result()
      : keeps.message.results[0].configs[0];
}

task<> describe_sources(test_node& node) {
  (void)co_await create(node, "t", 1);
  owned_response<protocol::describe_configs_response> keeps;
  auto one = co_await describe_one(node, 2, "t", "retention.ms", keeps);
  EXPECT_EQ(one.value, "604800000");
  EXPECT_EQ(one.config_source, 5);
  EXPECT_FALSE(one.is_default) << "version 1 replaced the flag by the source";
  EXPECT_EQ(one.config_type, 5);
  EXPECT_FALSE(one.documentation->empty());
  node.config.values["log.retention.hours"] = "1";
  one = co_await describe_one(node, 2, "t", "retention.ms", keeps);
  EXPECT_EQ(one.value, "3600000");
  EXPECT_EQ(one.config_source, 5) << "as Kafka says: log.retention.ms itself is not set";
  EXPECT_THAT(one.synonyms, IsEmpty());

  protocol::incremental_alter_configs_request change;
  change.resources.push_back({.resource_type = 2, .resource_name = "t"});
  change.resources.back().configs.push_back({.name = "retention.ms", .value = "7"});
  change.resources.push_back({.resource_type = 4, .resource_name = ""});
  change.resources.back().configs.push_back({.name = "log.retention.ms", .value = "9"});
  change.resources.push_back({.resource_type = 16, .resource_name = "1"});
  change.resources.push_back({.resource_type = 4, .resource_name = "1"});
  change.resources.back().configs.push_back(
      {.name = "log.retention.ms", .config_operation = 9, .value = "9"});
  const auto changed = co_await incremental_alter_configs(node.services, change);
  EXPECT_EQ(changed.message.responses[0].error_code, error_code::none);
  EXPECT_EQ(changed.message.responses[1].error_code, error_code::none);
  EXPECT_EQ(changed.message.responses[2].error_code, error_code::invalid_request);
  EXPECT_EQ(changed.message.responses[3].error_code, error_code::invalid_request);
  one = co_await describe_one(node, 2, "t", "retention.ms", keeps);
  EXPECT_EQ(one.value, "7");
  EXPECT_EQ(one.config_source, 1);
  EXPECT_EQ(one.synonyms.size(), 4);  // its own, dynamic of all, server.properties, default
  one = co_await describe_one(node, 4, "1", "log.retention.ms", keeps);
  EXPECT_EQ(one.value, "9");
  EXPECT_EQ(one.config_source, 3);
  EXPECT_FALSE(one.read_only);
  one = co_await describe_one(node, 4, "", "log.retention.ms", keeps);
  EXPECT_EQ(one.value, "9");
  one = co_await describe_one(node, 4, "1", "broker.id", keeps);
  EXPECT_TRUE(one.read_only);
  node.config.values["ssl.key.password"] = "secret";
  one = co_await describe_one(node, 4, "1", "ssl.key.password", keeps);
  EXPECT_FALSE(one.value.has_value());
  EXPECT_TRUE(one.is_sensitive);
}
TEST(describe_configs, says_where_a_value_comes_from) {
  run(describe_sources);
}

// Those that Apache Kafka 4.3 describes so; metric.reporters names a class of its own there, and is
// empty in 3.9.
task<> describe_empty(test_node& node) {
  owned_response<protocol::describe_configs_response> keeps;
  for (const char* key :
       {"authorizer.class.name", "config.providers", "controller.quorum.bootstrap.servers",
        "controller.quorum.voters", "cordoned.log.dirs", "kafka.metrics.reporters",
        "max.connections.per.ip.overrides", "metric.reporters",
        "sasl.oauthbearer.expected.audience", "ssl.cipher.suites"}) {
    const auto one = co_await describe_one(node, 4, "1", key, keeps);
    EXPECT_EQ(one.value, "") << key << ": not null";
    EXPECT_EQ(one.config_source, 5) << key;
  }
  EXPECT_FALSE((co_await describe_one(node, 4, "1", "ssl.keystore.location", keeps)).value);
  const auto rate =
      co_await describe_one(node, 4, "1", "log.cleaner.io.max.bytes.per.second", keeps);
  EXPECT_EQ(rate.value, "1.7976931348623157E308") << "as Java prints it";
}
TEST(describe_configs, says_which_lists_are_empty) {
  run(describe_empty);
}

task<> refuse_to_describe(test_node& node) {
  protocol::describe_configs_request message;
  message.resources = {{2, "none"}, {2, "a/b"}, {4, "9"}, {16, "x"}, {4, ""}};
  const auto answer = co_await describe_configs(node.services, 4, message);
  EXPECT_EQ(answer.message.results[0].error_code, error_code::unknown_topic_or_partition);
  EXPECT_EQ(answer.message.results[1].error_code, error_code::invalid_topic_exception);
  EXPECT_EQ(answer.message.results[2].error_code, error_code::invalid_request);
  EXPECT_EQ(answer.message.results[3].error_code, error_code::none);
  EXPECT_THAT(answer.message.results[3].configs, IsEmpty()) << "nobody collects clients' metrics";
  EXPECT_EQ(answer.message.results[4].error_code, error_code::none);
  EXPECT_THAT(answer.message.results[4].configs, IsEmpty());
  co_return;
}
TEST(describe_configs, refuses_what_is_not_there) {
  run(refuse_to_describe);
}

task<> replace_all(test_node& node) {
  (void)co_await create(node, "t", 1);
  protocol::alter_configs_request change;
  change.resources.push_back({.resource_type = 2, .resource_name = "t"});
  change.resources.back().configs.push_back({.name = "retention.ms", .value = "7"});
  EXPECT_EQ((co_await alter_configs(node.services, change)).message.responses[0].error_code,
            error_code::none);
  EXPECT_EQ(node.board.current()->find_topic("t")->config.size(), 1);
  change.resources[0].configs.clear();
  EXPECT_EQ((co_await alter_configs(node.services, change)).message.responses[0].error_code,
            error_code::none);
  EXPECT_THAT(node.board.current()->find_topic("t")->config, IsEmpty());
}
TEST(alter_configs, removes_what_is_not_named) {
  run(replace_all);
}

// One edit of one resource.
task<error_code> alter(test_node& node, std::int8_t type, std::string_view resource,
                       std::string_view key, std::optional<std::string_view> value,
                       bool validate_only = false) {
  protocol::incremental_alter_configs_request change;
  change.validate_only = validate_only;
  change.resources.push_back({.resource_type = type, .resource_name = resource});
  change.resources.back().configs.push_back(
      {.name = key, .config_operation = static_cast<std::int8_t>(value ? 0 : 1), .value = value});
  co_return (co_await incremental_alter_configs(node.services, change))
      .message.responses[0]
      .error_code;
}

task<> change_loggers(test_node& node) {
  owned_response<protocol::describe_configs_response> keeps;
  EXPECT_EQ((co_await describe_one(node, 8, "1", "storage", keeps)).value, "ERROR") << "as root";
  EXPECT_EQ(co_await alter(node, 8, "1", "storage", "WARN", true), error_code::none);
  EXPECT_EQ((co_await describe_one(node, 8, "1", "storage", keeps)).value, "ERROR");
  EXPECT_EQ(co_await alter(node, 8, "1", "storage", "FATAL"), error_code::none);
  const auto one = co_await describe_one(node, 8, "1", "storage", keeps);
  EXPECT_EQ(one.value, "FATAL");
  EXPECT_EQ(one.config_source, 6);
  EXPECT_FALSE(one.read_only);
  EXPECT_EQ(co_await alter(node, 8, "1", "storage", std::nullopt), error_code::none);
  EXPECT_EQ((co_await describe_one(node, 8, "1", "storage", keeps)).value, "ERROR");
  EXPECT_EQ(co_await alter(node, 8, "1", "storage", "LOUD"), error_code::invalid_config);
  EXPECT_EQ(co_await alter(node, 8, "1", "nobody", "INFO"), error_code::invalid_config);
  EXPECT_EQ(co_await alter(node, 8, "1", "root", std::nullopt), error_code::invalid_request);
  EXPECT_EQ(co_await alter(node, 8, "2", "storage", "INFO"), error_code::invalid_request);
  EXPECT_EQ(co_await alter(node, 8, "", "storage", "INFO"), error_code::invalid_request);
  protocol::alter_configs_request all;
  all.resources.push_back({.resource_type = 8, .resource_name = "1"});
  EXPECT_EQ((co_await alter_configs(node.services, all)).message.responses[0].error_code,
            error_code::invalid_request);
}
TEST(loggers, change_at_once) {
  run(change_loggers);
}

task<> change_threads(test_node& node) {
  constexpr std::string_view key = "log.cleaner.threads";
  EXPECT_EQ(co_await alter(node, 4, "", key, "3"), error_code::invalid_request) << "from 1";
  EXPECT_EQ(co_await alter(node, 4, "", key, "2"), error_code::none);
  EXPECT_EQ(co_await alter(node, 4, "", key, "4"), error_code::none);
  EXPECT_EQ(co_await alter(node, 4, "", key, "1"), error_code::invalid_request) << "from 4";
  EXPECT_EQ(co_await alter(node, 4, "", key, "0"), error_code::invalid_request);
}
TEST(alter_configs, threads_of_the_cleaner_change_by_half_or_twice_at_most) {
  run(change_threads);
}

task<> change_groups(test_node& node) {
  owned_response<protocol::describe_configs_response> keeps;
  constexpr std::string_view key = "consumer.session.timeout.ms";
  auto one = co_await describe_one(node, 32, "g", key, keeps);
  EXPECT_EQ(one.value, "45000");
  EXPECT_EQ(one.config_source, 5);
  EXPECT_EQ(one.synonyms[0].name, "group.consumer.session.timeout.ms");
  EXPECT_EQ(co_await alter(node, 32, "g", key, "50000"), error_code::none);
  one = co_await describe_one(node, 32, "g", key, keeps);
  EXPECT_EQ(one.value, "50000");
  EXPECT_EQ(one.config_source, 8);
  EXPECT_EQ(one.synonyms.size(), 2u);
  EXPECT_EQ(co_await alter(node, 32, "g", key, "5"), error_code::invalid_config)
      << "below group.consumer.min.session.timeout.ms";
  EXPECT_EQ(co_await alter(node, 32, "", key, "50000"), error_code::invalid_request);
  protocol::list_config_resources_request question;
  question.resource_types = {32};
  auto listed = list_config_resources(node.services, 1, question);
  EXPECT_EQ(listed.message.config_resources.size(), 1u);
  EXPECT_EQ(listed.message.config_resources[0].resource_name, "g");
  EXPECT_EQ(co_await alter(node, 32, "g", key, std::nullopt), error_code::none);
  listed = list_config_resources(node.services, 1, question);
  EXPECT_THAT(listed.message.config_resources, IsEmpty());
}
TEST(group_settings, have_the_bounds_that_the_broker_sets) {
  run(change_groups);
}

task<> list_resources(test_node& node) {
  (void)co_await create(node, "t", 1);
  protocol::list_config_resources_request question;
  EXPECT_THAT(list_config_resources(node.services, 0, question).message.config_resources,
              IsEmpty());
  const auto listed = list_config_resources(node.services, 1, question);
  std::vector<std::string> names;
  for (const auto& one : listed.message.config_resources) {
    names.push_back(std::to_string(one.resource_type) + ':' + std::string(one.resource_name));
  }
  EXPECT_THAT(names, ElementsAre("2:t", "4:1", "8:1"));
  question.resource_types = {2, 99};
  EXPECT_EQ(list_config_resources(node.services, 1, question).message.error_code,
            error_code::unsupported_version);
  co_return;
}
TEST(list_config_resources, lists_what_has_settings) {
  run(list_resources);
}

task<> name_resources_twice(test_node& node) {
  (void)co_await create(node, "t", 1);
  protocol::describe_configs_request question;
  question.resources = {{2, "t"}, {2, "t"}, {4, "t"}, {7, "x"}};
  const auto described = co_await describe_configs(node.services, 4, question);
  EXPECT_EQ(described.message.results[0].error_code, error_code::none);
  for (const std::size_t refused : {1, 2, 3}) {
    EXPECT_EQ(described.message.results[refused].error_code, error_code::invalid_request);
    EXPECT_THAT(described.message.results[refused].configs, IsEmpty());
  }
  protocol::incremental_alter_configs_request change;
  for (const std::int8_t type : {2, 2, 8, 8, 16}) {
    change.resources.push_back({.resource_type = type, .resource_name = type == 2 ? "t" : "1"});
  }
  const auto changed = co_await incremental_alter_configs(node.services, change);
  for (const auto& one : changed.message.responses) {
    EXPECT_EQ(one.error_code, error_code::invalid_request) << int{one.resource_type};
  }
}
TEST(config_handlers, refuse_resources_that_are_named_twice) {
  run(name_resources_twice);
}

task<> alter_what_cannot_be(test_node& node) {
  EXPECT_EQ(co_await alter(node, 2, "", "retention.ms", "1"), error_code::invalid_request);
  EXPECT_EQ(co_await alter(node, 2, "a/b", "retention.ms", "1"),
            error_code::invalid_topic_exception);
  EXPECT_EQ(co_await alter(node, 2, "none", "retention.ms", "1"),
            error_code::unknown_topic_or_partition);
}
TEST(alter_configs, refuses_names_that_no_topic_has) {
  run(alter_what_cannot_be);
}

task<> describe_many(test_node& node) {
  protocol::describe_configs_request question;
  std::deque<std::string> names;
  for (int i = 0; i < 10'000; ++i) {
    question.resources.push_back({static_cast<std::int8_t>(i % 2 == 0 ? 2 : 32),
                                  names.emplace_back('x' + std::to_string(i))});
    question.resources.back().configuration_keys->push_back("consumer.session.timeout.ms");
  }
  const auto answer = co_await describe_configs(node.services, 4, question);
  EXPECT_EQ(answer.message.results.size(), 10'000u);
  EXPECT_EQ(answer.message.results[0].error_code, error_code::unknown_topic_or_partition);
  EXPECT_EQ(answer.message.results[1].configs.size(), 1u);
}
TEST(describe_configs, answers_ten_thousand_resources) {
  run(describe_many);
}

task<> refuse_what_needs_a_start(test_node& node) {
  EXPECT_EQ(co_await alter(node, 4, "1", "listeners", "A://:1"), error_code::invalid_request);
  EXPECT_EQ(co_await alter(node, 4, "1", "max.connections.per.ip.overrides", "here"),
            error_code::invalid_request);
  EXPECT_EQ(co_await alter(node, 4, "1", "max.connections.per.ip.overrides", "1.2.3.4:7"),
            error_code::none);
  co_return;
}
TEST(alter_configs, refuses_what_is_taken_up_at_the_start) {
  run(refuse_what_needs_a_start);
}

task<> elect(test_node& node) {
  (void)co_await create(node, "t", 2);
  protocol::elect_leaders_request message;
  message.topic_partitions.emplace();
  message.topic_partitions->push_back({.topic = "t", .partitions = {1, 1, 5}});
  const auto some = co_await elect_leaders(node.services, message);
  EXPECT_EQ(some.message.error_code, error_code::none);
  EXPECT_EQ(some.message.replica_election_results.size(), 1u);
  const auto& results = some.message.replica_election_results[0].partition_result;
  EXPECT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].error_code, error_code::election_not_needed);
  EXPECT_EQ(results[1].error_code, error_code::unknown_topic_or_partition);
  message.topic_partitions = std::nullopt;
  EXPECT_THAT((co_await elect_leaders(node.services, message)).message.replica_election_results,
              IsEmpty());
  message.election_type = 7;
  EXPECT_EQ((co_await elect_leaders(node.services, message)).message.error_code,
            error_code::invalid_request);
}
TEST(elect_leaders, answers_where_nothing_is_to_be_done_only_if_asked_for) {
  run(elect);
}

task<> list_reassignments(test_node& node) {
  (void)co_await create(node, "t", 1);
  protocol::list_partition_reassignments_request message;
  EXPECT_THAT(list_partition_reassignments(node.services, message).message.topics, IsEmpty());
  message.topics.emplace();
  message.topics->push_back({.name = "t", .partition_indexes = {0}});
  message.topics->push_back({.name = "none", .partition_indexes = {0}});
  EXPECT_THAT(list_partition_reassignments(node.services, message).message.topics, IsEmpty());
  co_return;
}
TEST(list_partition_reassignments, finds_none_on_one_broker) {
  run(list_reassignments);
}

}  // namespace
}  // namespace barnabas::broker::handlers
