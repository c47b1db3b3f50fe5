// Compaction in the background of a log manager: which log comes first, what the checkpoint says,
// and who may interrupt it.
#include "storage/cleaner.h"

#include <gtest/gtest.h>

#include "runtime/shard.h"
#include "runtime/wait.h"
#include "storage/tests/directory_environment.h"

namespace barnabas::storage {
namespace {

using runtime::task;
using std::chrono::milliseconds;
using namespace testing;

std::vector<std::byte> keyed_batch(const std::string& key, std::int64_t timestamp,
                                   std::size_t value_bytes = 100) {
  record::batch_builder builder({});
  const std::string value(value_bytes, 'v');
  builder.append({.timestamp = timestamp, .key = as_bytes(key), .value = as_bytes(value)});
  return builder.build();
}

void compact_topics(environment& in, std::int64_t max_lag_ms = -1) {
  auto config = std::make_shared<log_config>();
  config->segment_bytes = 2'000;
  config->is_cleanup_compact = true;
  config->is_cleanup_delete = false;
  config->file_delete_delay_ms = 10;
  if (max_lag_ms >= 0) {
    config->max_compaction_lag_ms = max_lag_ms;
    config->min_cleanable_dirty_ratio = 1;
  }
  in.topics.config = config;
  in.options.cleaner.is_enabled = false;
}

// `count` records of `keys` keys, all on disk and below the high watermark.
task<> fill(log_manager& manager, managed_log& log, int count, int keys) {
  const auto now_ms = runtime::shard::current().wall_clock_ms();
  for (int i = 0; i < count; ++i) {
    must(append(log, keyed_batch("k" + std::to_string(i % keys), now_ms)));
  }
  const std::int64_t end = log.log->log_end_offset();
  must(co_await manager.here().flusher().wait_durable(log, end, runtime::no_deadline));
  log.high_watermark = end;
  log.log->advance_high_watermark(end);
}

task<> filthiest_first(environment& in) {
  compact_topics(in);
  auto manager = co_await started(in);
  auto* one = co_await new_log(in, *manager, {"one", 0});
  auto* two = co_await new_log(in, *manager, {"two", 0});
  co_await fill(*manager, *one, 100, 50);
  co_await fill(*manager, *two, 100, 1);
  EXPECT_TRUE(co_await manager->cleaner().clean_filthiest());
  EXPECT_TRUE(co_await manager->cleaner().clean_filthiest());
  EXPECT_FALSE(co_await manager->cleaner().clean_filthiest()) << "both are clean";
  EXPECT_LT(two->log->size_bytes(), one->log->size_bytes());
  const std::int64_t cleaned = one->log->cleaned_offset();
  EXPECT_GT(cleaned, 80);
  co_await fill(*manager, *one, 20, 1);
  co_await fill(*manager, *two, 200, 1);
  EXPECT_TRUE(co_await manager->cleaner().clean_filthiest());
  EXPECT_EQ(one->log->cleaned_offset(), cleaned) << "one is not dirty enough";
  EXPECT_GT(two->log->cleaned_offset(), 280);
  const auto table = must(read_offsets(in.world.files(), in.path(std::string(cleaner_checkpoint))));
  EXPECT_EQ(table.at({"one", 0}), cleaned);
  EXPECT_EQ(table.at({"two", 0}), two->log->cleaned_offset());
  co_await manager->stop();
  manager = co_await started(in);
  EXPECT_EQ(manager->here().find({"one", 0})->log->cleaned_offset(), cleaned);
  EXPECT_EQ(manager->here().find({"one", 0})->log->log_end_offset(), 120);
  co_await manager->stop();
}
TEST(cleaner, the_dirtiest_log_comes_first_and_the_checkpoint_says_how_far) {
  in_real_world(filthiest_first);
}

task<> old_records(environment& in) {
  compact_topics(in, 300);
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  co_await fill(*manager, *log, 10, 1);
  EXPECT_FALSE(co_await manager->cleaner().clean_filthiest());
  co_await runtime::sleep_for(milliseconds(400));
  // The first look rolls the active segment, whose flush the second one may have to wait for.
  for (int i = 0; i < 100 && !co_await manager->cleaner().clean_filthiest(); ++i) {
    co_await runtime::sleep_for(milliseconds(20));
  }
  EXPECT_EQ(log->log->cleaned_offset(), 10);
  co_await manager->stop();
}
TEST(cleaner, a_record_is_compacted_when_the_longest_lag_is_over) {
  in_real_world(old_records);
}

task<> in_background(environment& in) {
  compact_topics(in);
  in.options.cleaner.is_enabled = true;
  in.options.cleaner.backoff = milliseconds(10);
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  co_await fill(*manager, *log, 100, 1);
  for (int i = 0; i < 500 && log->log->cleaned_offset() < 80; ++i) {
    co_await runtime::sleep_for(milliseconds(10));
  }
  EXPECT_GE(log->log->cleaned_offset(), 80);
  co_await manager->stop();
}
TEST(cleaner, it_works_by_itself) {
  in_real_world(in_background, 2);
}

// A round that would take minutes.
void make_slow(environment& in) {
  compact_topics(in);
  in.options.cleaner.is_enabled = true;
  in.options.cleaner.backoff = milliseconds(10);
  in.options.cleaner.max_bytes_per_second = 100;
}

task<> deletion_of(environment& in) {
  make_slow(in);
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  co_await fill(*manager, *log, 100, 1);
  co_await runtime::sleep_for(milliseconds(100));
  must(co_await manager->delete_log({"t", 0}));
  auto* again = co_await new_log(in, *manager, {"t", 0});
  EXPECT_EQ(again->log->log_end_offset(), 0);
  co_await manager->stop();
}
TEST(cleaner, a_log_is_deleted_in_the_middle_of_a_slow_round) {
  in_real_world(deletion_of);
}

task<> truncation_of(environment& in) {
  make_slow(in);
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  co_await fill(*manager, *log, 100, 1);
  co_await runtime::sleep_for(milliseconds(100));
  co_await manager->here().hold_compaction(*log);
  must(log->log->truncate_to(95));
  shard_logs::allow_compaction(*log);
  EXPECT_EQ(log->log->log_end_offset(), 95);
  EXPECT_EQ(log->log->size_bytes() > 0, true);
  co_await manager->stop();
}
TEST(cleaner, a_log_is_truncated_in_the_middle_of_a_slow_round) {
  in_real_world(truncation_of);
}

task<> wait_until_clean(managed_log& log) {
  for (int i = 0; i < 500 && log.log->cleaned_offset() < 80; ++i) {
    co_await runtime::sleep_for(milliseconds(10));
  }
  EXPECT_GE(log.log->cleaned_offset(), 80);
}

task<> change_while_it_works(environment& in) {
  make_slow(in);
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"slow", 0});
  co_await fill(*manager, *log, 100, 1);
  co_await runtime::sleep_for(milliseconds(100));
  EXPECT_EQ(log->log->cleaned_offset(), -1);
  cleaner_options options = in.options.cleaner;
  options.max_bytes_per_second = 1e9;
  options.backoff = std::chrono::hours(1);
  manager->cleaner().change(options);
  co_await wait_until_clean(*log);

  co_await runtime::sleep_for(milliseconds(50));
  log = co_await new_log(in, *manager, {"late", 0});
  co_await fill(*manager, *log, 100, 1);
  co_await runtime::sleep_for(milliseconds(100));
  EXPECT_EQ(log->log->cleaned_offset(), -1) << "an hour has not passed";
  options.backoff = milliseconds(10);
  options.threads = 3;
  manager->cleaner().change(options);
  co_await wait_until_clean(*log);

  options.threads = 0;
  manager->cleaner().change(options);
  co_await runtime::sleep_for(milliseconds(100));
  log = co_await new_log(in, *manager, {"idle", 0});
  co_await fill(*manager, *log, 100, 1);
  co_await runtime::sleep_for(milliseconds(100));
  EXPECT_EQ(log->log->cleaned_offset(), -1) << "nobody is there to do it";
  options.threads = 1;
  manager->cleaner().change(options);
  co_await wait_until_clean(*log);
  co_await manager->stop();
}
TEST(cleaner, rate_backoff_and_threads_change_while_it_works) {
  in_real_world(change_while_it_works);
}

task<> damage(environment& in) {
  compact_topics(in);
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, {"t", 0});
  co_await fill(*manager, *log, 100, 1);
  const auto file = must(in.world.files().open(in.path("t-0/00000000000000000000.log"),
                                               runtime::open_mode::read_write));
  must(file->write_at(as_bytes("!!"), 100));
  EXPECT_FALSE(co_await manager->cleaner().clean_filthiest());
  EXPECT_EQ(log->log->cleaned_offset(), -1);
  must(append(*log, keyed_batch("k", 1)));
  EXPECT_EQ(log->log->log_end_offset(), 101);
  EXPECT_TRUE((co_await manager->status()).front().is_online);
  co_await manager->stop();
}
TEST(cleaner, a_damaged_log_is_left_alone) {
  in_real_world(damage);
}

}  // namespace
}  // namespace barnabas::storage
