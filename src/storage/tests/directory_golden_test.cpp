// Whole directories that Apache Kafka 3.9.2 wrote: one closed cleanly, one after kill -9.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "storage/partition_metadata.h"
#include "storage/tests/directory_environment.h"

namespace barnabas::storage {
namespace {

using runtime::task;
using testing::environment;
using ::testing::HasSubstr;
using testing::in_real_world;
using testing::must;
using testing::started;

constexpr std::string_view cluster_id = "dCemgYMeT-mfM4JIoZN6YQ";

// Unpacks into the environment's folder, which becomes the only log directory.
void unpack(environment& in, const std::string& name) {
  const std::string command =
      "tar -xzf " BARNABAS_TEST_DATA "/golden/" + name + "-3.9.2.tar.gz -C " + in.folder;
  ASSERT_EQ(std::system(command.c_str()), 0);
  in.options.directories = {in.folder + '/' + name};
  in.identity = {std::string(cluster_id), 1};
}

// As a metastore that holds the cluster's topics.
void know_all(environment& in) {
  for (const auto& entry : must(in.world.files().list(in.options.directories[0]))) {
    if (entry.is_directory) {
      const auto id = must(read_partition_metadata(in.world.files(), in.path(entry.name)));
      in.topics.ids[entry.name.substr(0, entry.name.rfind('-'))] = id.value();
    }
  }
}

std::int64_t end_of(log_manager& manager, const std::string& topic, std::int32_t partition) {
  const auto* log = manager.here().find({topic, partition});
  return log == nullptr ? -1 : log->log->log_end_offset();
}

void expect_all_records(log_manager& manager) {
  for (const auto* topic : {"g-none", "g-gzip", "g-lz4", "g-snappy", "g-zstd", "g-append-time",
                            "g-recompressed", "g-idempotent", "g-compact"}) {
    EXPECT_EQ(end_of(manager, topic, 0), 1000) << topic;
    EXPECT_EQ(end_of(manager, topic, 1), 1000) << topic;
  }
  EXPECT_EQ(end_of(manager, "g-txn", 0), 325);
  EXPECT_EQ(end_of(manager, "g-txn", 1), 326);
  EXPECT_EQ(end_of(manager, "__consumer_offsets", 49), 5);
  EXPECT_EQ(end_of(manager, "__transaction_state", 43), 63);
}

task<> clean(environment& in) {
  unpack(in, "clean");
  know_all(in);
  log_manager reader(in.world, in.options);
  const auto claimed = must(co_await reader.claim());
  EXPECT_EQ(claimed.cluster_id, cluster_id);
  EXPECT_EQ(claimed.broker_id, 1);
  const auto report = must(co_await reader.start(in.identity, in.topics));
  EXPECT_EQ(report.logs, 120U);
  EXPECT_EQ(report.recovered_logs, 0U);
  EXPECT_TRUE(report.adopted.empty());
  expect_all_records(reader);
  reader.here().for_each([](const topic_partition& partition, const managed_log& log) {
    EXPECT_EQ(log.log->recovery().checked_bytes, 0) << partition.to_string();
    EXPECT_EQ(log.high_watermark, log.log->log_end_offset()) << partition.to_string();
  });
  co_await reader.stop();
}
TEST(golden_directory, closed_cleanly_opens_without_a_scan) {
  in_real_world(clean);
}

task<> dirty(environment& in) {
  unpack(in, "dirty");
  know_all(in);
  start_report report;
  auto manager = co_await started(in, &report);
  EXPECT_EQ(report.recovered_logs, 120U);
  expect_all_records(*manager);
  std::int64_t checked_bytes = 0;
  manager->here().for_each([&](const topic_partition&, const managed_log& log) {
    checked_bytes += log.log->recovery().checked_bytes;
    EXPECT_EQ(log.log->recovery().cut_bytes, 0);
  });
  EXPECT_GT(checked_bytes, 100'000);
  co_await manager->stop();
  manager.reset();
  manager = co_await started(in, &report);
  EXPECT_EQ(report.recovered_logs, 0U);
  expect_all_records(*manager);
  co_await manager->stop();
}
TEST(golden_directory, after_kill_is_recovered) {
  in_real_world(dirty);
}

task<> unknown(environment& in) {
  unpack(in, "clean");
  log_manager manager(in.world, in.options);
  must(co_await manager.claim());
  const auto refused = co_await manager.start(in.identity, in.topics);
  EXPECT_THAT(refused.error().message,
              HasSubstr("holds 120 partitions that the metastore does not know, of topic "
                        "__consumer_offsets, __transaction_state, g-append-time, g-compact, "
                        "g-gzip and 7 more; start once with --adopt"));
  EXPECT_TRUE(in.world.files().exists(in.path(".kafka_cleanshutdown")));
}
TEST(golden_directory, is_refused_without_adopt) {
  in_real_world(unknown);
}

task<> adopted(environment& in, std::string name) {
  unpack(in, name);
  in.options.adopt = true;
  start_report report;
  auto manager = co_await started(in, &report);
  EXPECT_EQ(report.adopted.size(), 12U);
  for (const auto& topic : report.adopted) {
    const auto id = must(read_partition_metadata(in.world.files(), in.path(topic.topic + "-0")));
    EXPECT_EQ(topic.topic_id, id);
    EXPECT_EQ(topic.partitions.size(), topic.topic.starts_with("__") ? 50U : 2U);
    EXPECT_EQ(topic.partitions.back().index,
              static_cast<std::int32_t>(topic.partitions.size()) - 1);
    in.topics.ids[topic.topic] = topic.topic_id;
  }
  expect_all_records(*manager);
  co_await manager->stop();
  manager.reset();
  in.options.adopt = false;
  manager = co_await started(in, &report);
  EXPECT_EQ(report.logs, 120U);
  EXPECT_EQ(report.recovered_logs, 0U);
  co_await manager->stop();
}
TEST(golden_directory, is_taken_over_with_adopt) {
  in_real_world([](environment& in) { return adopted(in, "clean"); });
  in_real_world([](environment& in) { return adopted(in, "dirty"); });
}

}  // namespace
}  // namespace barnabas::storage
