// The controller from outside: starts, restarts, and what it refuses.
#include <gmock/gmock.h>

#include "cluster/tests/cluster_fixture.h"
#include "runtime/wait.h"

namespace barnabas::cluster {
namespace {

using runtime::task;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

task<> topics_survive(runtime::world& world, metastore::memory_store& store) {
  std::string cluster_id;
  uuid topic_id;
  {
    test_broker first(world, store);
    co_await start(first);
    EXPECT_EQ(first.now().controller_epoch, 1);
    EXPECT_EQ(
        co_await create(first, {.name = "t", .partitions = 3, .configs = {{"retention.ms", "5"}}}),
        error_code::none);
    EXPECT_THAT(first.host.notes, ElementsAre("new t-0", "new t-1", "new t-2"));
    cluster_id = first.now().cluster_id;
    topic_id = first.now().find_topic("t")->id;
    co_await first.controller.stop();
  }
  test_broker second(world, store);
  co_await start(second);
  EXPECT_THAT(second.host.notes, ElementsAre("open t-0", "open t-1", "open t-2"));
  const topic* found = second.now().find_topic(topic_id);
  EXPECT_EQ(found->name, "t");
  EXPECT_EQ(found->config.at("retention.ms"), "5");
  EXPECT_EQ(second.now().cluster_id, cluster_id);
  EXPECT_EQ(second.now().controller_epoch, 2);
  // As in Kafka 3.9: a leader that is back before a controller looks leads on in its epoch.
  EXPECT_EQ(found->partitions[0].leader, 1);
  EXPECT_EQ(found->partitions[0].leader_epoch, 0);
  co_await second.controller.stop();
}
TEST(controller, topics_survive_a_restart) {
  in_cluster(topics_survive);
}

task<> lead_again(runtime::world& world, metastore::memory_store& store) {
  {
    test_broker first(world, store);
    co_await start(first);
    (void)co_await create(first, {.name = "t", .partitions = 2});
    co_await first.controller.stop();
  }
  auto session = co_await store.connect(std::chrono::seconds(1));
  (void)co_await (*session)->set(
      {"/brokers/topics/t/partitions/0/state",
       R"({"controller_epoch":1,"leader":-1,"version":1,"leader_epoch":4,"isr":[1]})"});
  (void)co_await (*session)->remove({"/brokers/topics/t/partitions/1/state"});
  test_broker second(world, store);
  co_await start(second);
  const topic* found = second.now().find_topic("t");
  EXPECT_EQ(found->partitions[0].leader, 1);
  EXPECT_EQ(found->partitions[0].leader_epoch, 5);
  EXPECT_EQ(found->partitions[0].partition_epoch, 2);
  EXPECT_EQ(found->partitions[1].leader, 1);
  EXPECT_EQ(found->partitions[1].leader_epoch, 0);
  EXPECT_EQ((co_await (*session)->get("/brokers/topics/t/partitions/0/state"))->data,
            R"({"controller_epoch":2,"leader":1,"version":1,"leader_epoch":5,"isr":[1]})");
  co_await second.controller.stop();
}
TEST(controller, partitions_without_a_leader_get_one_in_a_new_epoch) {
  in_cluster(lead_again);
}

task<> finish_deletion(runtime::world& world, metastore::memory_store& store) {
  {
    test_broker first(world, store);
    co_await start(first);
    (void)co_await create(first, {.name = "t"});
    (void)co_await create(first, {.name = "u"});
    co_await first.controller.stop();
  }
  auto session = co_await store.connect(std::chrono::seconds(1));
  (void)co_await (*session)->create({"/admin/delete_topics/t", ""});
  test_broker second(world, store);
  co_await start(second);
  EXPECT_THAT(second.host.notes, ElementsAre("delete t", "open u-0"));
  EXPECT_EQ(second.now().find_topic("t"), nullptr);
  EXPECT_FALSE((co_await (*session)->exists("/brokers/topics/t"))->has_value());
  EXPECT_FALSE((co_await (*session)->exists("/admin/delete_topics/t"))->has_value());
  co_await second.controller.stop();
}
TEST(controller, a_restart_finishes_a_deletion) {
  in_cluster(finish_deletion);
}

task<> refuse_topics(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  EXPECT_EQ(co_await create(broker, {.name = "a.b"}), error_code::none);
  const std::string throttled = "leader.replication.throttled.replicas";
  const std::vector<std::pair<new_topic, error_code>> cases = {
      {{.name = ""}, error_code::invalid_topic_exception},
      {{.name = "."}, error_code::invalid_topic_exception},
      {{.name = ".."}, error_code::invalid_topic_exception},
      {{.name = "../x"}, error_code::invalid_topic_exception},
      {{.name = "a b"}, error_code::invalid_topic_exception},
      {{.name = std::string(250, 'x')}, error_code::invalid_topic_exception},
      {{.name = "a_b"}, error_code::invalid_topic_exception},
      {{.name = "a.b"}, error_code::topic_already_exists},
      {{.name = "t", .partitions = 0}, error_code::invalid_partitions},
      {{.name = "t", .partitions = -2}, error_code::invalid_partitions},
      {{.name = "t", .partitions = 2147483647}, error_code::policy_violation},
      {{.name = "t", .replication_factor = 0}, error_code::invalid_replication_factor},
      {{.name = "t", .replication_factor = 2}, error_code::invalid_replication_factor},
      {{.name = "t", .partitions = 1, .assignments = {{0, {1}}}}, error_code::invalid_request},
      {{.name = "t", .assignments = {{1, {1}}}}, error_code::invalid_replica_assignment},
      {{.name = "t", .assignments = {{0, {}}}}, error_code::invalid_replica_assignment},
      {{.name = "t", .assignments = {{0, {1, 1}}}}, error_code::invalid_replica_assignment},
      {{.name = "t", .assignments = {{0, {2}}}}, error_code::invalid_replica_assignment},
      {{.name = "t", .configs = {{"nope", "1"}}}, error_code::invalid_config},
      {{.name = "t", .configs = {{"retention.ms", "soon"}}}, error_code::invalid_config},
      {{.name = "t", .configs = {{"retention.ms", std::nullopt}}}, error_code::invalid_config},
      {{.name = "t", .configs = {{"min.compaction.lag.ms", "10"}, {"max.compaction.lag.ms", "1"}}},
       error_code::invalid_config},
      {{.name = "__cluster_metadata"}, error_code::invalid_request},
      {{.name = "t", .configs = {{"remote.storage.enable", "TRUE"}}}, error_code::invalid_config},
      {{.name = "t", .configs = {{throttled, "1"}}}, error_code::invalid_config},
      {{.name = "t", .configs = {{throttled, "0:1,*"}}}, error_code::invalid_config},
      {{.name = "t", .configs = {{throttled, "0:1,1:x"}}}, error_code::invalid_config},
      {{.name = std::string(249, 'x'),
        .configs = {{throttled, "0:1, 12:1"}, {"remote.storage.enable", "FALSE"}}},
       error_code::none},
      {{.name = "by-hand", .assignments = {{0, {1}}, {1, {1}}}, .configs = {{throttled, "*"}}},
       error_code::none},
  };
  for (const auto& [wanted, expected] : cases) {
    EXPECT_EQ(co_await create(broker, wanted, true), expected) << wanted.name;
  }
  EXPECT_EQ(broker.now().topics.size(), 1) << "validate_only changes nothing";
  for (const auto& [wanted, expected] : cases) {
    EXPECT_EQ(co_await create(broker, wanted), expected) << wanted.name;
  }
  EXPECT_EQ(broker.now().topics.size(), 3);
  co_await broker.controller.stop();
}
TEST(controller, refuses_topics_as_kafka_does) {
  in_cluster(refuse_topics);
}

task<> create_many(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  std::vector<new_topic> all = {
      {.name = "x"}, {.name = "y.1"}, {.name = "x"}, {.name = "y_1"}, {.name = "z"}};
  broker.host.broken_topics.insert("z");
  const auto answers = co_await broker.controller.create_topics(all, false, soon());
  EXPECT_EQ(answers[0].error().code, error_code::invalid_request);
  EXPECT_TRUE(answers[1].has_value());
  EXPECT_EQ(answers[2].error().code, error_code::invalid_request);
  EXPECT_EQ(answers[3].error().code, error_code::invalid_topic_exception);
  EXPECT_EQ(answers[4].error().code, error_code::kafka_storage_error);
  EXPECT_EQ(broker.now().find_partition("y.1", 0)->leader, 1);
  EXPECT_EQ(broker.now().find_partition("z", 0)->leader, no_leader);
  co_await broker.controller.stop();
}
TEST(controller, topics_of_one_request_see_each_other) {
  in_cluster(create_many);
}

task<> grow(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  (void)co_await create(broker, {.name = "t", .partitions = 2});
  const std::vector<std::pair<more_partitions, error_code>> cases = {
      {{"none", 3, {}}, error_code::unknown_topic_or_partition},
      {{"t", 2, {}}, error_code::invalid_partitions},
      {{"t", 1, {}}, error_code::invalid_partitions},
      {{"t", -1, {}}, error_code::invalid_partitions},
      {{"t", 2147483647, {}}, error_code::policy_violation},
      {{"t", 3, {{}}}, error_code::invalid_replica_assignment},
      {{"t", 3, {{{2}}}}, error_code::invalid_replica_assignment},
      {{"t", 3, {{{1}, {1}}}}, error_code::invalid_replica_assignment},
      {{"t", 4, {{{1}, {1}}}}, error_code::none},
  };
  for (const auto& [change, expected] : cases) {
    std::vector<more_partitions> one = {change};
    const auto answers = co_await broker.controller.create_partitions(one, false, soon());
    EXPECT_EQ(answers[0] ? error_code::none : answers[0].error().code, expected) << change.count;
  }
  EXPECT_EQ(broker.now().find_topic("t")->partitions.size(), 4);
  EXPECT_THAT(broker.host.notes, ElementsAre("new t-0", "new t-1", "new t-2", "new t-3"));
  std::vector<more_partitions> twice = {{"t", 5, {}}, {"t", 6, {}}};
  EXPECT_EQ((co_await broker.controller.create_partitions(twice, false, soon()))[1].error().code,
            error_code::invalid_request);
  co_await broker.controller.stop();
}
TEST(controller, adds_partitions) {
  in_cluster(grow);
}

task<> remove_topics(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  (void)co_await create(broker, {.name = "t"});
  (void)co_await create(broker, {.name = "u"});
  const uuid id = broker.now().find_topic("u")->id;
  std::vector<topic_to_delete> all = {{.name = "t"}, {.id = id}, {.name = "none"}, {.id = id}};
  const auto answers = co_await broker.controller.delete_topics(all, soon());
  EXPECT_EQ(answers[0].value()->name, "t");
  EXPECT_EQ(answers[1].value()->name, "u");
  EXPECT_EQ(answers[2].error().code, error_code::unknown_topic_or_partition);
  EXPECT_EQ(answers[3].error().code, error_code::unknown_topic_id);
  EXPECT_EQ(broker.now().topics.size(), 0);
  EXPECT_THAT(broker.host.notes, Contains("delete t"));
  co_await broker.controller.stop();
}
TEST(controller, deletes_topics_by_name_and_id) {
  in_cluster(remove_topics);
}

task<> alter_settings(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  (void)co_await create(broker, {.name = "t"});
  const auto edit = [](std::string key, config_operation operation,
                       std::optional<std::string> value) {
    return config_change{.name = "t", .edits = {{std::move(key), operation, std::move(value)}}};
  };
  using enum config_operation;
  EXPECT_EQ(co_await alter(broker, edit("cleanup.policy", append, "compact")), error_code::none);
  EXPECT_EQ(broker.now().find_topic("t")->config.at("cleanup.policy"), "delete,compact");
  EXPECT_EQ(co_await alter(broker, edit("cleanup.policy", subtract, "delete")), error_code::none);
  EXPECT_EQ(broker.now().find_topic("t")->config.at("cleanup.policy"), "compact");
  EXPECT_EQ(co_await alter(broker, edit("retention.ms", append, "5")), error_code::invalid_config);
  EXPECT_EQ(co_await alter(broker, edit("retention.ms", set, std::nullopt)),
            error_code::invalid_request);
  EXPECT_EQ(co_await alter(broker, edit("nope", set, "5")), error_code::invalid_config);
  EXPECT_EQ(co_await alter(broker, edit("retention.ms", set, "5"), true), error_code::none);
  EXPECT_FALSE(broker.now().find_topic("t")->config.contains("retention.ms"));
  EXPECT_EQ(co_await alter(broker, {.name = "t",
                                    .edits = {{.key = "retention.ms", .value = "5"}},
                                    .replaces_all = true}),
            error_code::none);
  EXPECT_EQ(broker.now().find_topic("t")->config.size(), 1);
  EXPECT_EQ(co_await alter(broker, edit("retention.ms", remove, std::nullopt)), error_code::none);
  EXPECT_THAT(broker.now().find_topic("t")->config, IsEmpty());
  EXPECT_EQ(co_await alter(broker, {.name = "none"}), error_code::unknown_topic_or_partition);
  const auto of_broker = [](std::string name, std::string key, std::string value) {
    return config_change{config_scope::broker,
                         std::move(name),
                         {{.key = std::move(key), .value = std::move(value)}}};
  };
  EXPECT_EQ(co_await alter(broker, of_broker("9", "log.retention.ms", "5")),
            error_code::invalid_request);
  EXPECT_EQ(co_await alter(broker, of_broker("1", "broker.id", "5")), error_code::invalid_request);
  EXPECT_EQ(co_await alter(broker, of_broker("1", "log.retention.ms", "x")),
            error_code::invalid_request);
  EXPECT_EQ(co_await alter(broker, of_broker("", "log.retention.ms", "5")), error_code::none);
  EXPECT_EQ(broker.now().broker_configs->at("<default>").at("log.retention.ms"), "5");
  EXPECT_THAT(broker.host.notes, Contains("config of brokers"));
  co_await broker.controller.stop();
}
TEST(controller, alters_settings) {
  in_cluster(alter_settings);
}

config_change of(config_scope scope, std::string name, std::string key, std::string value) {
  return {scope, std::move(name), {{.key = std::move(key), .value = std::move(value)}}};
}

task<> restrict_settings_of_brokers(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  const auto code = [&](std::string id, std::string key, std::string value) {
    return alter(broker, of(config_scope::broker, std::move(id), std::move(key), std::move(value)));
  };
  EXPECT_EQ(co_await code("", "max.connections.per.ip", "5"), error_code::none);
  EXPECT_EQ(co_await code("", "listeners", "PLAINTEXT://:1"), error_code::invalid_request);
  EXPECT_EQ(co_await code("", "listener.name.inside.max.connections", "5"),
            error_code::invalid_request);
  EXPECT_EQ(co_await code("1", "listener.name.inside.max.connections", "5"), error_code::none);
  EXPECT_EQ(co_await code("1", "listener.name.inside.max.connections", "many"),
            error_code::invalid_request);
  EXPECT_EQ(co_await code("1", "listener.name.inside.ssl.keystore.password", "secret"),
            error_code::invalid_request);
  EXPECT_EQ(co_await code("1", "what.is.this", "a plugin's"), error_code::none);
  EXPECT_EQ(broker.now().broker_configs->at("1").size(), 2u);
  co_await broker.controller.stop();
}
TEST(controller, refuses_settings_of_brokers_that_do_not_change) {
  in_cluster(restrict_settings_of_brokers);
}

task<> keep_settings_of_groups(runtime::world& world, metastore::memory_store& store) {
  const std::string name = "a/b c\xc3\xa9";
  {
    test_broker broker(world, store);
    co_await start(broker);
    EXPECT_EQ(co_await alter(broker, of(config_scope::group, name, "nope", "5")),
              error_code::invalid_config);
    EXPECT_EQ(
        co_await alter(broker, of(config_scope::group, name, "consumer.session.timeout.ms", "x")),
        error_code::invalid_config);
    EXPECT_EQ(
        co_await alter(broker, of(config_scope::group, name, "consumer.session.timeout.ms", "7")),
        error_code::none);
    co_await broker.controller.stop();
  }
  test_broker next(world, store);
  co_await start(next);
  EXPECT_EQ(next.now().group_configs->at(name).at("consumer.session.timeout.ms"), "7");
  co_await next.controller.stop();
}
TEST(controller, settings_of_groups_survive_a_restart_whatever_their_names) {
  in_cluster(keep_settings_of_groups);
}

task<> alter_many(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  std::vector<config_change> changes;
  for (int i = 0; i < 2'000; ++i) {
    changes.push_back(of(config_scope::group, 'g' + std::to_string(i),
                         "consumer.session.timeout.ms", std::to_string(i + 1)));
  }
  changes.push_back(changes.front());
  const auto answers = co_await broker.controller.alter_configs(changes, false);
  EXPECT_EQ(answers.front().error().code, error_code::invalid_request) << "named twice";
  EXPECT_EQ(answers.back().error().code, error_code::invalid_request);
  EXPECT_EQ(std::ranges::count_if(answers, [](const auto& one) { return one.has_value(); }), 1'999);
  EXPECT_EQ(broker.now().group_configs->size(), 1'999u);
  co_await broker.controller.stop();
}
TEST(controller, alters_many_settings_in_one_request) {
  in_cluster(alter_many);
}

task<> elect_on_demand(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  EXPECT_EQ(co_await create(broker, {.name = "t"}), error_code::none);
  const auto elect = [&](bool is_unclean) {
    return broker.controller.elect_leaders({{"t", 0}, {"t", 9}, {"none", 0}}, is_unclean,
                                           runtime::no_deadline);
  };
  for (const bool is_unclean : {false, true}) {
    const auto answers = co_await elect(is_unclean);
    EXPECT_EQ(answers[0].error().code, error_code::election_not_needed);
    EXPECT_EQ(answers[1].error().code, error_code::unknown_topic_or_partition);
    EXPECT_EQ(answers[2].error().code, error_code::unknown_topic_or_partition);
  }
  EXPECT_EQ(broker.now().find_partition("t", 0)->leader_epoch, 0);
  co_await broker.controller.stop();
}
TEST(controller, elects_nobody_where_the_preferred_replica_leads) {
  in_cluster(elect_on_demand);
}

task<> adopt(runtime::world& world, metastore::memory_store& store) {
  auto options = test_broker::standard();
  options.cluster_id = "dCemgYMeT-mfM4JIoZN6YQ";
  const uuid id = *uuid::parse("hPqw4-jUSs6gzF9HD5-hgQ");
  {
    test_broker broker(world, store, options);
    EXPECT_TRUE((co_await broker.controller.load()).has_value());
    EXPECT_EQ(broker.controller.newest()->cluster_id, options.cluster_id);
    std::vector<found_topic> found = {
        {.name = "kept", .id = id, .leader_epochs = {{0, 3}, {2, 1}}}};
    EXPECT_TRUE((co_await broker.controller.adopt_topics(found)).has_value());
    EXPECT_EQ((co_await broker.controller.adopt_topics(found)).error().code,
              error_code::topic_already_exists);
    EXPECT_TRUE((co_await broker.controller.start()).has_value());
    EXPECT_EQ(broker.now().find_topic("kept")->id, id);
    EXPECT_EQ(broker.now().find_partition("kept", 0)->leader_epoch, 3);
    EXPECT_EQ(broker.now().find_partition("kept", 2)->leader_epoch, 1);
    EXPECT_THAT(broker.host.notes, ElementsAre("open kept-0", "open kept-1", "open kept-2"));
    co_await broker.controller.stop();
  }
  options.cluster_id = "another";
  test_broker stranger(world, store, options);
  EXPECT_EQ((co_await stranger.controller.load()).error().code,
            error_code::inconsistent_cluster_id);
  co_await stranger.controller.stop();
}
TEST(controller, adopts_topics_of_log_directories) {
  in_cluster(adopt);
}

task<> two_brokers(runtime::world& world, metastore::memory_store& store) {
  test_broker first(world, store);
  co_await start(first);
  test_broker second(world, store);
  EXPECT_TRUE((co_await second.controller.load()).has_value());
  EXPECT_EQ((co_await second.controller.start()).error().code,
            error_code::duplicate_broker_registration);
  co_await second.controller.stop();
  co_await first.controller.stop();
  EXPECT_EQ(co_await create(first, {.name = "late"}), error_code::not_controller);
}
TEST(controller, an_id_belongs_to_one_broker) {
  in_cluster(two_brokers);
}

task<> take_ids(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  EXPECT_EQ((co_await broker.controller.allocate_producer_ids())->first, 0);
  const auto block = co_await broker.controller.allocate_producer_ids();
  EXPECT_EQ(block->first, 1000);
  EXPECT_EQ(block->count, 1000);
  co_await broker.controller.stop();
}
TEST(controller, producer_ids_are_given_once) {
  in_cluster(take_ids);
}

task<> outlive_a_session(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  auto watcher = co_await store.connect(std::chrono::seconds(1));
  const auto before = co_await (*watcher)->exists("/brokers/ids/1", metastore::watch::yes);
  store.expire((*before)->ephemeral_owner);
  EXPECT_EQ((co_await (*watcher)->next_event()).kind, metastore::event_kind::node_removed);
  while (broker.now().controller_epoch < 2) {
    co_await runtime::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(co_await create(broker, {.name = "t"}), error_code::none);
  co_await broker.controller.stop();
}
TEST(controller, joins_again_after_its_session_expired) {
  in_cluster(outlive_a_session);
}

}  // namespace
}  // namespace barnabas::cluster
