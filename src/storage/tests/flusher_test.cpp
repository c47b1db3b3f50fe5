// The shared flush: who waits for what, and how many rounds it takes.
#include <gtest/gtest.h>

#include "runtime/shard.h"
#include "runtime/task_group.h"
#include "storage/tests/directory_environment.h"

namespace barnabas::storage {
namespace {

using runtime::no_deadline;
using runtime::task;
using testing::append;
using testing::batch_of;
using testing::environment;
using testing::in_real_world;
using testing::must;
using testing::new_log;
using testing::started;

task<> one_record(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  const auto appended = must(append(*log, batch_of(3)));
  EXPECT_EQ(log->log->recovery_point(), 0);
  must(
      co_await manager->here().flusher().wait_durable(*log, appended.last_offset + 1, no_deadline));
  EXPECT_EQ(log->log->recovery_point(), 3);
  EXPECT_EQ(manager->here().flusher().totals().rounds, 1U);
  // Durable already: no further round.
  must(co_await manager->here().flusher().wait_durable(*log, 2, no_deadline));
  EXPECT_EQ(manager->here().flusher().totals().rounds, 1U);
  co_await manager->stop();
}
TEST(flusher, waiter_returns_when_its_records_are_on_disk) {
  in_real_world(one_record);
}

task<> append_and_wait(log_manager& manager, managed_log& log, int times) {
  for (int i = 0; i < times; ++i) {
    const auto appended = must(append(log, batch_of(1)));
    must(
        co_await manager.here().flusher().wait_durable(log, appended.last_offset + 1, no_deadline));
    EXPECT_GT(log.log->recovery_point(), appended.last_offset);
  }
}

task<> stays_after_all(environment& in) {
  auto config = std::make_shared<log_config>();
  config->flush_ms = 50;
  in.topics.config = config;
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  auto& flusher = manager->here().flusher();
  must(append(*log, batch_of(1)));
  flusher.appended(*log);
  co_await flusher.release(*log);
  flusher.take_back(*log);
  co_await runtime::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(log->log->recovery_point(), 1);
  co_await manager->stop();
}
TEST(flusher, a_log_that_stays_after_all_is_still_flushed_in_time) {
  in_real_world(stays_after_all);
}

task<> many_writers(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  runtime::task_group writers("writers");
  for (int i = 0; i < 32; ++i) {
    writers.spawn(append_and_wait(*manager, *log, 10));
  }
  co_await writers.join();
  EXPECT_EQ(log->log->recovery_point(), 320);
  EXPECT_LE(manager->here().flusher().totals().rounds, 22U);
  co_await manager->stop();
}
TEST(flusher, appends_of_one_moment_share_a_round) {
  in_real_world(many_writers);
}

task<> many_logs(environment& in) {
  auto manager = co_await started(in);
  runtime::task_group writers("writers");
  std::vector<managed_log*> logs;
  for (int i = 0; i < 100; ++i) {
    logs.push_back(co_await new_log(in, *manager, {"t", i}));
  }
  for (auto* log : logs) {
    writers.spawn(append_and_wait(*manager, *log, 1));
  }
  co_await writers.join();
  EXPECT_EQ(manager->here().flusher().totals().file_system_syncs, 1U);
  co_await manager->stop();
}
TEST(flusher, many_dirty_logs_are_synced_as_a_file_system) {
  in_real_world(many_logs);
}

task<> deadline(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  must(append(*log, batch_of(1)));
  const auto outcome =
      co_await manager->here().flusher().wait_durable(*log, 1, runtime::shard::current().now());
  EXPECT_TRUE(outcome || outcome.error().code == error_code::request_timed_out);
  const auto beyond = co_await manager->here().flusher().wait_durable(*log, 2, no_deadline);
  EXPECT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, error_code::not_leader_or_follower);
  co_await manager->stop();
}
TEST(flusher, wait_ends_at_its_deadline_and_for_records_that_are_not_there) {
  in_real_world(deadline);
}

task<> wait_for_error(log_manager& manager, managed_log& log, bool& is_done) {
  const auto outcome = co_await manager.here().flusher().wait_durable(log, 1, no_deadline);
  is_done = true;
  EXPECT_TRUE(outcome || outcome.error().code == error_code::kafka_storage_error);
}

task<> deleted(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  must(append(*log, batch_of(1)));
  runtime::task_group waiters("waiters");
  bool is_done = false;
  waiters.spawn(wait_for_error(*manager, *log, is_done));
  must(co_await manager->delete_log({"t", 0}));
  EXPECT_TRUE(is_done);
  EXPECT_EQ(manager->here().find({"t", 0}), nullptr);
  co_await waiters.join();
  co_await manager->stop();
}
TEST(flusher, deletion_waits_for_the_round_and_wakes_waiters) {
  in_real_world(deleted);
}

task<> by_settings(environment& in) {
  auto config = std::make_shared<log_config>();
  config->flush_messages = 5;
  config->flush_ms = 30;
  in.topics.config = config;
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  auto& flusher = manager->here().flusher();
  must(append(*log, batch_of(4)));
  EXPECT_FALSE(flusher.appended(*log));
  must(append(*log, batch_of(1)));
  EXPECT_TRUE(flusher.appended(*log));
  must(co_await flusher.wait_durable(*log, 5, no_deadline));
  must(append(*log, batch_of(1)));
  EXPECT_FALSE(flusher.appended(*log));
  EXPECT_EQ(log->log->recovery_point(), 5);
  co_await runtime::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(log->log->recovery_point(), 6);
  co_await manager->stop();
}
TEST(flusher, settings_flush_without_a_waiter) {
  in_real_world(by_settings);
}

task<> rolled(environment& in) {
  auto config = std::make_shared<log_config>();
  config->segment_bytes = 4096;
  in.topics.config = config;
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  for (int i = 0; i < 3; ++i) {
    must(append(*log, batch_of(1, 1'000, 2'000)));
    manager->here().flusher().appended(*log);
  }
  co_await runtime::sleep_for(std::chrono::milliseconds(300));
  EXPECT_GE(log->log->recovery_point(), 2);
  co_await manager->stop();
}
TEST(flusher, rolled_segment_is_flushed_in_the_background) {
  in_real_world(rolled);
}

}  // namespace
}  // namespace barnabas::storage
