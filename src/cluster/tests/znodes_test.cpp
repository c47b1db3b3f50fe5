// The nodes that operations leave in the store, byte for byte as Apache Kafka 3.9.2 leaves them
// (times and ids aside).
#include <gmock/gmock.h>

#include <regex>

#include "cluster/detail/znodes.h"
#include "cluster/tests/cluster_fixture.h"

namespace barnabas::cluster {
namespace {

using runtime::task;
using testing::ElementsAre;

// Times become 0, ids become ID.
std::string without_chance(std::string text) {
  text = std::regex_replace(text, std::regex(R"("timestamp":"\d+")"), R"("timestamp":"0")");
  return std::regex_replace(text, std::regex(R"x("(topic_id|id)":"[A-Za-z0-9_-]{22}")x"),
                            R"("$1":"ID")");
}

const std::map<std::string, std::string> one_topic = {
    {"/admin", ""},
    {"/brokers", ""},
    {"/cluster", ""},
    {"/config", ""},
    {"/consumers", ""},
    {"/controller", R"({"version":2,"brokerid":1,"timestamp":"0","kraftControllerEpoch":-1})"},
    {"/controller_epoch", "1"},
    {"/feature", R"({"features":{},"version":2,"status":1})"},
    {"/isr_change_notification", ""},
    {"/latest_producer_id_block", ""},
    {"/log_dir_event_notification", ""},
    {"/admin/delete_topics", ""},
    {"/brokers/ids", ""},
    {"/brokers/seqid", ""},
    {"/brokers/topics", ""},
    {"/brokers/ids/1",
     R"({"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},)"
     R"("endpoints":["PLAINTEXT://127.0.0.1:19092"],"jmx_port":-1,"port":19092,"host":"127.0.0.1",)"
     R"("version":5,"timestamp":"0"})"},
    {"/brokers/topics/dump-topic",
     R"({"partitions":{"0":[1]},"topic_id":"ID","adding_replicas":{},)"
     R"("removing_replicas":{},"version":3})"},
    {"/brokers/topics/dump-topic/partitions", ""},
    {"/brokers/topics/dump-topic/partitions/0", ""},
    {"/brokers/topics/dump-topic/partitions/0/state",
     R"({"controller_epoch":1,"leader":1,"version":1,"leader_epoch":0,"isr":[1]})"},
    {"/cluster/id", R"({"version":"1","id":"ID"})"},
    {"/config/brokers", ""},
    {"/config/changes", ""},
    {"/config/clients", ""},
    {"/config/ips", ""},
    {"/config/topics", ""},
    {"/config/users", ""},
    {"/config/topics/dump-topic", R"({"version":1,"config":{}})"},
};

task<> create_one_topic(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  EXPECT_EQ(co_await create(broker, {.name = "dump-topic"}), error_code::none);
  auto nodes = co_await nodes_of(store);
  for (auto& [path, data] : nodes) {
    data = without_chance(data);
  }
  EXPECT_EQ(nodes, one_topic);
  co_await broker.controller.stop();
}
TEST(znodes, one_broker_with_one_topic) {
  in_cluster(create_one_topic);
}

task<> alter_and_delete(runtime::world& world, metastore::memory_store& store) {
  test_broker broker(world, store);
  co_await start(broker);
  (void)co_await create(broker, {.name = "orders", .partitions = 2});
  EXPECT_EQ(co_await alter(broker, {.name = "orders",
                                    .edits = {{.key = "retention.ms", .value = "3600000"},
                                              {.key = "min.insync.replicas", .value = "2"}}}),
            error_code::none);
  EXPECT_EQ(co_await alter(broker, {.scope = config_scope::broker,
                                    .name = "",
                                    .edits = {{.key = "log.cleaner.threads", .value = "2"}}}),
            error_code::none);
  EXPECT_EQ(co_await alter(broker, {.scope = config_scope::broker,
                                    .name = "1",
                                    .edits = {{.key = "log.retention.ms", .value = "7200000"}}}),
            error_code::none);
  (void)co_await broker.controller.allocate_producer_ids();
  std::vector<more_partitions> more = {{.topic = "orders", .count = 3}};
  EXPECT_TRUE(
      (co_await broker.controller.create_partitions(more, false, soon())).front().has_value());
  auto nodes = co_await nodes_of(store);
  EXPECT_EQ(nodes["/config/topics/orders"],
            R"({"version":1,"config":{"min.insync.replicas":"2","retention.ms":"3600000"}})");
  EXPECT_EQ(nodes["/config/brokers/<default>"],
            R"({"version":1,"config":{"log.cleaner.threads":"2"}})");
  EXPECT_EQ(nodes["/config/brokers/1"], R"({"version":1,"config":{"log.retention.ms":"7200000"}})");
  EXPECT_EQ(nodes["/config/changes/config_change_0000000000"],
            R"({"version":2,"entity_path":"topics/orders"})");
  EXPECT_EQ(nodes["/config/changes/config_change_0000000001"],
            R"({"version":2,"entity_path":"brokers/<default>"})");
  EXPECT_EQ(nodes["/config/changes/config_change_0000000002"],
            R"({"version":2,"entity_path":"brokers/1"})");
  EXPECT_EQ(nodes["/latest_producer_id_block"],
            R"({"version":1,"broker":1,"block_start":"0","block_end":"999"})");
  EXPECT_EQ(without_chance(nodes["/brokers/topics/orders"]),
            R"({"partitions":{"0":[1],"1":[1],"2":[1]},"topic_id":"ID",)"
            R"("adding_replicas":{},"removing_replicas":{},"version":3})");
  EXPECT_TRUE(nodes.contains("/brokers/topics/orders/partitions/2/state"));

  std::vector<topic_to_delete> gone = {{.name = "orders"}};
  EXPECT_TRUE((co_await broker.controller.delete_topics(gone, soon())).front().has_value());
  nodes = co_await nodes_of(store);
  for (const auto& [path, data] : nodes) {
    EXPECT_EQ(path.find("orders"), std::string::npos) << path;
  }
  co_await broker.controller.stop();
}
TEST(znodes, settings_partitions_producer_ids_and_deletion) {
  in_cluster(alter_and_delete);
}

// Of the three brokers in step 15 of a recorded cluster.
TEST(znodes, reads_what_kafka_wrote) {
  using namespace detail::znodes;  // NOLINT: a test of that namespace
  const auto topic = read_topic(
      "orders",
      R"({"partitions":{"0":[3,2],"1":[2,3,1],"2":[3,1,2]},"topic_id":"y7zpTFu0QC2W02bwXtW7gw",)"
      R"("adding_replicas":{"0":[2]},"removing_replicas":{"0":[1]},"version":3})");
  EXPECT_EQ(topic->id.to_string(), "y7zpTFu0QC2W02bwXtW7gw");
  EXPECT_EQ(topic->partitions[1].replicas, broker_ids({2, 3, 1}));
  EXPECT_EQ(topic->reassignments.at(0).adding, broker_ids({2}));
  EXPECT_EQ(topic->reassignments.at(0).removing, broker_ids({1}));
  partition state;
  EXPECT_TRUE(read_state(
      R"({"controller_epoch":2,"leader":3,"version":1,"leader_epoch":6,"isr":[3,2]})", 9, state));
  EXPECT_EQ(state.leader, 3);
  EXPECT_EQ(state.leader_epoch, 6);
  EXPECT_EQ(state.partition_epoch, 9);
  EXPECT_EQ(state.isr, broker_ids({3, 2}));
  EXPECT_EQ(read_cluster_id(R"({"version":"1","id":"rz7HVVmDQCidC3v0U6CDng"})"),
            "rz7HVVmDQCidC3v0U6CDng");
  EXPECT_EQ(read_config(R"({"version":1,"config":{"a\"b":"\u00e4"}})")->at("a\"b"), "ä");
}

TEST(znodes, refuses_what_is_malformed) {
  using namespace detail::znodes;  // NOLINT: a test of that namespace
  for (const char* text :
       {"", "x", "[]", "{}", R"({"partitions":{}})", R"({"partitions":{"1":[1]}})",
        R"({"partitions":{"0":[1],"2":[1]}})", R"({"partitions":{"x":[1]}})",
        R"({"partitions":{"0":["1"]}})", R"({"partitions":{"0":[4294967296]}})",
        R"({"partitions":{"0":[1]},"topic_id":"short"})"}) {
    EXPECT_FALSE(read_topic("t", text)) << text;
  }
  partition state;
  for (const char* text :
       {"", "{}", R"({"leader":1})", R"({"leader":1,"leader_epoch":0,"isr":1})"}) {
    EXPECT_FALSE(read_state(text, 0, state)) << text;
  }
  EXPECT_FALSE(read_config(R"({"config":{"a":1}})"));
  EXPECT_FALSE(read_producer_ids(R"({"block_start":"5","block_end":"1"})"));
  EXPECT_EQ(read_producer_ids("")->last, -1);
}

TEST(znodes, a_broker_with_several_listeners) {
  const broker b{.id = 7,
                 .endpoints = {{"INTERNAL", "SSL", "a", 1}, {"V6", "PLAINTEXT", "::1", 2}},
                 .rack = "r\"1"};
  EXPECT_EQ(
      detail::znodes::write_broker(b, 5),
      R"({"features":{},"listener_security_protocol_map":{"INTERNAL":"SSL","V6":"PLAINTEXT"},)"
      R"("endpoints":["INTERNAL://a:1","V6://[::1]:2"],"rack":"r\"1","jmx_port":-1,"port":2,)"
      R"("host":"::1","version":5,"timestamp":"5"})");
}

}  // namespace
}  // namespace barnabas::cluster
