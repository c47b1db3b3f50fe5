// The life of log directories: clean and unclean stops, refusals, adoption, placing, deletion,
// checkpoints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/shard.h"
#include "storage/partition_metadata.h"
#include "storage/tests/directory_environment.h"

namespace barnabas::storage {
namespace {

using runtime::no_deadline;
using runtime::task;
using testing::append;
using testing::batch_of;
using testing::environment;
using ::testing::HasSubstr;
using testing::in_real_world;
using testing::must;
using testing::new_log;
using testing::started;

std::string text_of(environment& in, const std::string& path) {
  return must(in.world.files().read_text(path));
}

// As a process that dies: nothing is written, the locks go.
void kill(std::unique_ptr<log_manager>& manager) {
  manager.reset();
}

task<> clean_stop(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  must(append(*log, batch_of(5)));
  log->high_watermark = 4;
  co_await manager->stop(17);
  kill(manager);
  EXPECT_EQ(text_of(in, in.path(".kafka_cleanshutdown")), "{\"version\":0,\"brokerEpoch\":17}");
  EXPECT_EQ(text_of(in, in.path("recovery-point-offset-checkpoint")), "0\n1\nt 0 5\n");
  EXPECT_EQ(text_of(in, in.path("replication-offset-checkpoint")), "0\n1\nt 0 4\n");
  EXPECT_EQ(text_of(in, in.path("log-start-offset-checkpoint")), "0\n0\n");

  start_report report;
  manager = co_await started(in, &report);
  EXPECT_EQ(report.logs, 1U);
  EXPECT_EQ(report.recovered_logs, 0U);
  EXPECT_FALSE(in.world.files().exists(in.path(".kafka_cleanshutdown")));
  log = manager->here().find({"t", 0});
  EXPECT_NE(log, nullptr);
  EXPECT_EQ(log->log->log_end_offset(), 5);
  EXPECT_EQ(log->log->recovery().checked_bytes, 0);
  EXPECT_EQ(log->high_watermark, 4);
  co_await manager->stop();
}
TEST(manager, clean_stop_leaves_a_mark_and_nothing_is_scanned) {
  in_real_world(clean_stop);
}

task<> killed(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  must(append(*log, batch_of(5)));
  kill(manager);
  start_report report;
  manager = co_await started(in, &report);
  EXPECT_EQ(report.recovered_logs, 1U);
  log = manager->here().find({"t", 0});
  EXPECT_EQ(log->log->log_end_offset(), 5);
  EXPECT_GT(log->log->recovery().checked_bytes, 0);
  co_await manager->stop();
}
TEST(manager, killed_process_is_recovered) {
  in_real_world(killed);
}

task<> identity(environment& in) {
  auto manager = co_await started(in);
  co_await manager->stop();
  kill(manager);
  const auto properties = must(read_meta_properties(in.world.files(), in.options.directories[0]));
  EXPECT_EQ(properties->cluster_id, in.identity.cluster_id);
  EXPECT_TRUE(properties->directory_id);

  manager = std::make_unique<log_manager>(in.world, in.options);
  const auto claimed = must(co_await manager->claim());
  EXPECT_EQ(claimed.cluster_id, in.identity.cluster_id);
  EXPECT_EQ(claimed.broker_id, 1);
  const auto other_broker = co_await manager->start({in.identity.cluster_id, 2}, in.topics);
  EXPECT_THAT(other_broker.error().message,
              HasSubstr("belongs to broker 1 (broker.id in meta.properties), but this"));
  const auto other_cluster = co_await manager->start({"elsewhere", 1}, in.topics);
  EXPECT_THAT(other_cluster.error().message,
              HasSubstr("belongs to cluster test-cluster-id-22char"));
  EXPECT_TRUE(in.world.files().exists(in.path(".kafka_cleanshutdown")));

  log_manager second(in.world, in.options);
  const auto locked = co_await second.claim();
  EXPECT_THAT(locked.error().message, HasSubstr("is in use by another broker"));
}
TEST(manager, directory_of_another_broker_or_cluster_is_refused) {
  in_real_world(identity);
}

task<> disagreeing(environment& in) {
  for (int i = 0; i < 2; ++i) {
    must(in.world.files().create_folder(in.options.directories[static_cast<std::size_t>(i)]));
    must(write_meta_properties(in.world.files(),
                               in.options.directories[static_cast<std::size_t>(i)],
                               {.cluster_id = i == 0 ? "one" : "two", .broker_id = 1}));
  }
  log_manager manager(in.world, in.options);
  const auto claimed = co_await manager.claim();
  EXPECT_THAT(claimed.error().message,
              HasSubstr("belongs to cluster two, but another one of log.dirs to one"));
}
TEST(manager, directories_of_two_clusters_are_refused) {
  in_real_world(disagreeing, 1, 2);
}

task<> placing(environment& in) {
  auto manager = co_await started(in);
  for (int i = 0; i < 5; ++i) {
    co_await new_log(in, *manager, {"t", i});
  }
  const auto status = co_await manager->status();
  EXPECT_EQ(status[0].partitions, 3U);
  EXPECT_EQ(status[1].partitions, 2U);
  co_await manager->stop();
}
TEST(manager, new_log_goes_to_the_directory_with_the_fewest_partitions) {
  in_real_world(placing, 1, 2);
}

task<> create_on_shard(environment& in, log_manager& manager, topic_partition partition) {
  auto* log = co_await new_log(in, manager, std::move(partition));
  must(append(*log, batch_of(2)));
  must(co_await manager.here().flusher().wait_durable(*log, 2, no_deadline));
}

task<> sharded(environment& in) {
  auto manager = co_await started(in);
  for (int i = 0; i < 6; ++i) {
    in.topic_id("t");
    co_await runtime::on_shard(in.world.shard_at(i % 3),
                               [&] { return create_on_shard(in, *manager, {"t", i}); });
  }
  co_await manager->stop();
  kill(manager);
  EXPECT_THAT(text_of(in, in.path("recovery-point-offset-checkpoint")), HasSubstr("0\n6\n"));
  start_report report;
  manager = co_await started(in, &report);
  EXPECT_EQ(report.logs, 6U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(manager->on(i).size(), 2U);
  }
  co_await manager->stop();
}
TEST(manager, logs_live_on_the_shards_that_the_caller_names) {
  in_real_world(sharded, 3);
}

task<> unknown(environment& in) {
  auto manager = co_await started(in);
  for (int i = 0; i < 2; ++i) {
    co_await new_log(in, *manager, {"a", i});
  }
  co_await new_log(in, *manager, {"b", 0});
  co_await manager->stop();
  kill(manager);
  const auto a = in.topic_id("a");
  in.topics.ids.erase("a");

  manager = std::make_unique<log_manager>(in.world, in.options);
  must(co_await manager->claim());
  const auto refused = co_await manager->start(in.identity, in.topics);
  EXPECT_THAT(refused.error().message,
              HasSubstr("holds 2 partitions that the metastore does not know, of topic a;"));
  EXPECT_THAT(refused.error().message, HasSubstr("--adopt"));
  EXPECT_TRUE(in.world.files().exists(in.path(".kafka_cleanshutdown")))
      << "a refused start changes nothing";
  kill(manager);

  in.options.adopt = true;
  start_report report;
  manager = co_await started(in, &report);
  EXPECT_EQ(report.logs, 3U);
  EXPECT_EQ(report.adopted.size(), 1U);
  EXPECT_EQ(report.adopted[0].topic, "a");
  EXPECT_EQ(report.adopted[0].topic_id, a);
  EXPECT_EQ(report.adopted[0].partitions.size(), 2U);
  EXPECT_EQ(report.adopted[0].partitions[1].directory, in.options.directories[0]);
  co_await manager->stop();
}
TEST(manager, unknown_partitions_are_refused_without_adopt) {
  in_real_world(unknown);
}

task<> deletion(environment& in) {
  auto config = std::make_shared<log_config>();
  config->file_delete_delay_ms = 50;
  in.topics.config = config;
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  must(append(*log, batch_of(7)));
  co_await manager->write_checkpoints();
  must(co_await manager->delete_log({"t", 0}));
  EXPECT_FALSE(in.world.files().exists(in.path("t-0")));
  EXPECT_EQ((co_await manager->delete_log({"t", 0})).error().code,
            error_code::unknown_topic_or_partition);
  const auto names = must(in.world.files().list(in.options.directories[0]));
  const auto is_aside = [](const auto& entry) { return entry.name.ends_with("-delete"); };
  EXPECT_EQ(std::ranges::count_if(names, is_aside), 1);
  // The same name again begins anew, also in the checkpoints.
  log = co_await new_log(in, *manager, {"t", 0});
  EXPECT_EQ(log->log->log_end_offset(), 0);
  EXPECT_EQ(text_of(in, in.path("recovery-point-offset-checkpoint")), "0\n0\n");
  co_await runtime::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(std::ranges::count_if(must(in.world.files().list(in.options.directories[0])), is_aside),
            0);
  co_await manager->stop();
}
TEST(manager, deleted_log_is_set_aside_and_removed_later) {
  in_real_world(deletion);
}

task<> leftovers(environment& in) {
  auto& files = in.world.files();
  const std::string id = "0123456789abcdef0123456789abcdef";
  for (const auto* name : {"t-0.%-delete", "t-1.%-future", "t-0.%-stray"}) {
    must(files.create_folder(in.path(std::string(name).replace(4, 1, id))));
  }
  must(files.create_folder(in.path("lost+found")));
  must(files.create_folder(in.path("__cluster_metadata-0")));
  must(files.replace_text(in.path("cleaner-offset-checkpoint"), "0\n0\n"));
  auto manager = co_await started(in);
  co_await runtime::sleep_for(std::chrono::milliseconds(200));
  co_await manager->stop();
  EXPECT_FALSE(files.exists(in.path("t-0." + id + "-delete")));
  for (const auto* name : {"lost+found", "__cluster_metadata-0", "cleaner-offset-checkpoint"}) {
    EXPECT_TRUE(files.exists(in.path(name))) << name;
  }
  EXPECT_TRUE(files.exists(in.path("t-1." + id + "-future")));
  EXPECT_TRUE(files.exists(in.path("t-0." + id + "-stray")));
}
TEST(manager, only_deleted_leftovers_are_removed) {
  in_real_world(leftovers);
}

task<> other_topic_id(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  must(append(*log, batch_of(7)));
  co_await manager->stop();
  kill(manager);
  in.topics.ids["t"] = uuid::from_random(8, 8);
  start_report report;
  manager = co_await started(in, &report);
  EXPECT_EQ(report.logs, 0U);
  EXPECT_FALSE(in.world.files().exists(in.path("t-0")));
  const auto names = must(in.world.files().list(in.options.directories[0]));
  EXPECT_EQ(std::ranges::count_if(names,
                                  [](const auto& entry) { return entry.name.ends_with("-stray"); }),
            1);
  log = co_await new_log(in, *manager, {"t", 0});
  EXPECT_EQ(log->log->log_end_offset(), 0);
  kill(manager);
  manager = co_await started(in);
  EXPECT_EQ(manager->here().find({"t", 0})->log->log_end_offset(), 0);
  co_await manager->stop();
}
TEST(manager, partition_of_an_older_topic_of_that_name_is_set_aside) {
  in_real_world(other_topic_id);
}

task<> damaged(environment& in) {
  auto& files = in.world.files();
  auto manager = co_await started(in);
  must(append(*co_await new_log(in, *manager, {"t", 0}), batch_of(7)));
  kill(manager);
  for (const auto* name : {"recovery-point-offset-checkpoint", "replication-offset-checkpoint",
                           "log-start-offset-checkpoint"}) {
    must(files.replace_text(in.path(name), "0\n3\nt 0"));
  }
  must(files.replace_text(in.path("t-0/partition.metadata"), ""));
  manager = co_await started(in);
  EXPECT_EQ(manager->here().find({"t", 0})->log->log_end_offset(), 7);
  EXPECT_EQ(must(read_partition_metadata(files, in.path("t-0"))), in.topic_id("t"));
  co_await manager->stop();
}
TEST(manager, damaged_checkpoints_lose_nothing) {
  in_real_world(damaged);
}

task<> twice(environment& in) {
  for (const auto& directory : in.options.directories) {
    must(in.world.files().create_folder(directory + "/t-0"));
  }
  in.topic_id("t");
  log_manager manager(in.world, in.options);
  must(co_await manager.claim());
  const auto refused = co_await manager.start(in.identity, in.topics);
  EXPECT_THAT(refused.error().message, HasSubstr("partition t-0 is in log directory"));
}
TEST(manager, partition_in_two_directories_is_refused) {
  in_real_world(twice, 1, 2);
}

task<> unusable(environment& in) {
  // A file where the folder should be.
  must(in.world.files().create_folder(in.folder));
  must(in.world.files().replace_text(in.options.directories[0], "x"));
  start_report report;
  auto manager = co_await started(in, &report);
  EXPECT_EQ(report.offline_directories, std::vector<std::string>{in.options.directories[0]});
  auto* log = co_await new_log(in, *manager, {"t", 0});
  EXPECT_EQ(log->directory, 1);
  co_await manager->stop();
  kill(manager);
  in.options.directories.pop_back();
  log_manager alone(in.world, in.options);
  EXPECT_THAT((co_await alone.claim()).error().message, HasSubstr("no log directory can be used"));
}
TEST(manager, unusable_directory_is_offline_and_the_others_go_on) {
  in_real_world(unusable, 1, 2);
}

task<> retention(environment& in) {
  auto config = std::make_shared<log_config>();
  config->segment_bytes = 4096;
  config->retention_bytes = 5'000;
  config->file_delete_delay_ms = 20;
  in.topics.config = config;
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  const auto now_ms = runtime::shard::current().wall_clock_ms();
  for (int i = 0; i < 20; ++i) {
    must(append(*log, batch_of(1, now_ms, 3'000)));
  }
  co_await manager->here().apply_retention();
  EXPECT_EQ(log->log->log_start_offset(), 0) << "nothing above the high watermark goes";
  log->high_watermark = 20;
  co_await manager->here().apply_retention();
  EXPECT_GE(log->log->log_start_offset(), 17);
  const auto deleted = [&] {
    const auto names = must(in.world.files().list(in.path("t-0")));
    return std::ranges::count_if(
        names, [](const auto& entry) { return entry.name.ends_with(".deleted"); });
  };
  const auto patience = runtime::shard::current().now() + std::chrono::seconds(20);
  while (deleted() > 0 && runtime::shard::current().now() < patience) {
    co_await runtime::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(deleted(), 0);
  co_await manager->stop();
}
TEST(manager, retention_takes_segments_below_the_high_watermark) {
  in_real_world(retention);
}

}  // namespace
}  // namespace barnabas::storage
