#include "broker/server_config.h"

#include <gtest/gtest.h>

namespace barnabas::broker {
namespace {

result<server_config> from(std::string_view text, config_remarks& remarks) {
  return make_server_config(*parse_properties(text), remarks);
}
result<server_config> from(std::string_view text) {
  config_remarks remarks;
  return from(text, remarks);
}
std::string problem_of(std::string_view text) {
  const auto config = from(text);
  return config ? "" : config.error().message;
}

TEST(server_config, without_settings) {
  config_remarks remarks;
  const auto config = from("", remarks);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->broker_id, std::nullopt);
  EXPECT_EQ(config->log_dirs, std::vector<std::string>{"./data"});
  ASSERT_EQ(config->listeners.size(), 1u);
  EXPECT_EQ(config->listeners[0].to_string(), "PLAINTEXT://:9092");
  EXPECT_EQ(config->advertised_listeners[0].at.host, network::host_name());
  EXPECT_EQ(config->limits.request_bytes, 104'857'600);
  EXPECT_EQ(config->limits.idle_time, std::chrono::minutes(10));
  EXPECT_EQ(config->limits.send_buffer_bytes, 0);
  EXPECT_EQ(config->limits.queued_request_bytes, -1);
  EXPECT_EQ(config->acknowledge, acknowledge_rule::replicated_or_disk);
  EXPECT_TRUE(remarks.unknown.empty());
  EXPECT_TRUE(remarks.meaningless.empty());
}

TEST(server_config, typed_values) {
  const auto config = from(
      "node.id=7\nlog.dir=/a, "
      "/b\nlisteners=IN://127.0.0.1:1\nlistener.security.protocol.map=IN:PLAINTEXT\n"
      "advertised.listeners=IN://"
      "castle:2\nsocket.send.buffer.bytes=1000\nmax.connections.per.ip.overrides=::1:5,a:6\n"
      "connections.max.idle.ms=9223372036854775807\nbarnabas.acknowledge = disk "
      "\nbarnabas.log.level=warn\n"
      "barnabas.shards=3");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->broker_id, 7);
  EXPECT_EQ(config->log_dirs, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(config->listeners[0].to_string(), "IN://127.0.0.1:1");
  EXPECT_EQ(config->advertised_listeners[0].to_string(), "IN://castle:2");
  EXPECT_EQ(config->limits.send_buffer_bytes, 1000);
  EXPECT_LT(config->limits.idle_time.count(), 0);
  EXPECT_EQ(config->acknowledge, acknowledge_rule::disk);
  EXPECT_EQ(config->lowest_log_level, log_level::warn);
  EXPECT_EQ(config->shards, 3);
  EXPECT_EQ(config->values.at("barnabas.acknowledge"), "disk");
}

TEST(server_config, settings_of_one_listener_are_held_against_the_table) {
  config_remarks remarks;
  const auto config = from(
      "listener.name.inside.max.connections=5\nlistener.name.inside.ssl.protocol=TLSv1.3\n"
      "listener.name.inside.what.is.this=1",
      remarks);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->values.at("listener.name.inside.max.connections"), "5");
  EXPECT_EQ(remarks.meaningless, (std::vector<std::string>{"listener.name.inside.ssl.protocol",
                                                           "listener.name.inside.what.is.this"}));
  EXPECT_EQ(problem_of("listener.name.inside.max.connections=many"),
            "max.connections=many: allowed is a whole number up to 2147483647, at least 0");
}

TEST(server_config, the_last_value_of_a_key_wins) {
  const auto config = from("broker.id=1\nbroker.id=2\nlog.dirs=/a\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->broker_id, 2);
}

TEST(server_config, bad_values_name_key_value_and_what_is_allowed) {
  EXPECT_EQ(problem_of("num.partitions=many"),
            "num.partitions=many: allowed is a whole number up to 2147483647, at least 1");
  EXPECT_EQ(problem_of("barnabas.acknowledge=never\nbarnabas.shards=-1"),
            "barnabas.acknowledge=never: allowed is one of replicated-or-disk, disk, memory\n"
            "barnabas.shards=-1: allowed is a whole number up to 2147483647, 0 to 1024");
  EXPECT_EQ(problem_of("listeners=SSL://:9093"),
            "listeners: SSL speaks TLS, which needs ssl.keystore.location");
  EXPECT_EQ(
      problem_of("listeners=SASL_SSL://:9093"),
      "listeners: SASL_SSL asks for SASL_SSL, but this version serves only PLAINTEXT and SSL");
  EXPECT_EQ(problem_of("max.connections.per.ip.overrides=here"),
            "max.connections.per.ip.overrides=here: allowed is a list of address:count");
  EXPECT_EQ(problem_of("broker.id=1\nnode.id=2"),
            "node.id=2: broker.id=1 says otherwise; one of them is enough");
  EXPECT_EQ(problem_of("log.dirs= ,"), "log.dirs=: at least one folder is needed");
}

TEST(server_config, unknown_keys_are_remarks_with_the_nearest_name) {
  config_remarks remarks;
  ASSERT_TRUE(from("\nnum.partition=3\nxyzzy=1", remarks));
  ASSERT_EQ(remarks.unknown.size(), 2u);
  EXPECT_EQ(remarks.unknown[0],
            "unknown setting num.partition in line 2; the nearest known one is num.partitions");
  EXPECT_EQ(remarks.unknown[1], "unknown setting xyzzy in line 3");
}

// What Apache Kafka 3.9 is shipped with.
TEST(server_config, kafkas_own_file_works_as_it_is) {
  config_remarks remarks;
  const auto config = from(
      "broker.id=0\nnum.network.threads=3\nnum.io.threads=8\nsocket.send.buffer.bytes=102400\n"
      "socket.receive.buffer.bytes=102400\nsocket.request.max.bytes=104857600\nlog.dirs=/tmp/"
      "kafka-logs\n"
      "num.partitions=1\nnum.recovery.threads.per.data.dir=1\noffsets.topic.replication.factor=1\n"
      "transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\nlog.retention."
      "hours=168\n"
      "log.retention.check.interval.ms=300000\nzookeeper.connect=localhost:2181\n"
      "zookeeper.connection.timeout.ms=18000\ngroup.initial.rebalance.delay.ms=0\n",
      remarks);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(remarks.unknown.empty());
  EXPECT_NE(std::ranges::find(remarks.meaningless, "num.io.threads"), remarks.meaningless.end());
  EXPECT_NE(std::ranges::find(remarks.meaningless, "zookeeper.connect"), remarks.meaningless.end());
  EXPECT_EQ(config->log_dirs, std::vector<std::string>{"/tmp/kafka-logs"});
}

TEST(server_config, a_kraft_file_serves_its_broker_listeners) {
  config_remarks remarks;
  const auto config = from(
      "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.bootstrap.servers=localhost:"
      "9093\n"
      "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\ninter.broker.listener.name=PLAINTEXT\n"
      "advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093\n"
      "controller.listener.names=CONTROLLER\n"
      "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL\n",
      remarks);
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->listeners.size(), 1u);
  EXPECT_EQ(config->advertised_listeners[0].to_string(), "PLAINTEXT://localhost:9092");
  EXPECT_TRUE(remarks.unknown.empty());
  EXPECT_EQ(config->broker_id, 1);
}

}  // namespace
}  // namespace barnabas::broker
