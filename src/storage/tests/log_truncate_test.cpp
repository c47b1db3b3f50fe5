#include "log_environment.h"

namespace barnabas::storage::log_tests {
namespace {

TEST(log_truncate, every_offset) {
  for (std::int64_t offset = 0; offset <= 200; offset += 9) {
    log_environment world;
    world.open();
    world.append_records(200);
    ASSERT_TRUE(world.log->truncate_to(offset));
    world.expect_records(0, offset);
    world.append_records(50);
    world.expect_records(0, offset + 50);
    world.crash_and_open();
    world.expect_records(0, offset + 50);
    world.close_and_open();
    world.expect_records(0, offset + 50);
    EXPECT_EQ((*world.log->search_timestamp(start_ms + (offset + 49) * 1000).run())->offset,
              offset + 49);
    EXPECT_EQ((*world.log->search_max_timestamp().run())->offset, offset + 49);
  }
}

TEST(log_truncate, inside_of_a_batch_takes_all_of_it) {
  log_environment world;
  world.open();
  ASSERT_TRUE(world.append(batch_of(10)));
  ASSERT_TRUE(world.append(batch_of(10)));
  ASSERT_TRUE(world.log->truncate_to(13));
  EXPECT_EQ(world.log->log_end_offset(), 10);
}

TEST(log_truncate, fully_starts_elsewhere) {
  log_environment world;
  world.open();
  world.append_records(200);
  world.flush();
  ASSERT_TRUE(world.log->truncate_fully_and_start_at(1000));
  EXPECT_EQ(world.log->log_start_offset(), 1000);
  EXPECT_EQ(world.log->recovery_point(), 1000);
  EXPECT_TRUE(world.log->leader_epochs().entries().empty());
  world.append_records(10);
  world.expect_records(1000, 1010);
  world.crash_and_open();
  world.expect_records(1000, 1010);
}

TEST(log_truncate, fully_forgets_producers_and_their_snapshots) {
  log_environment world;
  world.open();
  ASSERT_TRUE(world.append(batch_of(2, start_ms, "v", {.id = 5, .epoch = 0, .sequence = 0})));
  world.close_and_open();
  ASSERT_TRUE(world.append(batch_of(1)));
  ASSERT_TRUE(world.log->truncate_fully_and_start_at(100));
  EXPECT_EQ(world.log->producers().find(5), nullptr);
  world.append_records(1);
  world.crash_and_open();
  EXPECT_EQ(world.log->producers().find(5), nullptr);
}

TEST(log_truncate, lowers_the_recovery_point_and_ignores_older_flushes) {
  log_environment world;
  world.open();
  world.append_records(100);
  const auto work = world.log->take_flush_work();
  ASSERT_TRUE(work);
  ASSERT_TRUE(world.log->truncate_to(50));
  world.log->flushed(*work);
  EXPECT_LE(world.log->recovery_point(), 50);
  world.append_records(10);
  world.flush();
  EXPECT_EQ(world.log->recovery_point(), 60);
}

TEST(log_truncate, entries_that_a_crash_left_in_an_index_do_not_come_back) {
  log_environment world;
  world.config.index_interval_bytes = 1;
  world.open();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(world.append(batch_of(1, start_ms + i)));
  }
  world.log->release_idle();  // writes the entries
  world.lose_all_of(0);
  world.config.index_interval_bytes = 4096;
  world.open(false, 0);
  ASSERT_EQ(world.log->log_end_offset(), 0);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(world.append(batch_of(1, start_ms + 100 + i)));
  }
  ASSERT_TRUE(world.log->truncate_to(3));
  const auto found = world.log->search_timestamp(start_ms + 100).run();
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->offset, 0);
}

TEST(log_truncate, epochs_and_producers_go_back) {
  log_environment world;
  world.open();
  ASSERT_TRUE(world.append(batch_of(2, start_ms, "v", {.id = 5, .epoch = 0, .sequence = 0}), 1));
  ASSERT_TRUE(world.log->roll(start_ms));
  ASSERT_TRUE(world.append(batch_of(2, start_ms, "v", {.id = 5, .epoch = 0, .sequence = 2}), 2));
  ASSERT_TRUE(world.append(batch_of(2, start_ms, "v", {.id = 6, .epoch = 0, .sequence = 0}), 3));
  ASSERT_TRUE(world.log->truncate_to(4));
  const std::vector<leader_epoch_entry> expected{{1, 0}, {2, 2}};
  EXPECT_EQ(world.log->leader_epochs().entries(), expected);
  ASSERT_NE(world.log->producers().find(5), nullptr);
  EXPECT_EQ(world.log->producers().find(5)->last_sequence(), 3);
  EXPECT_EQ(world.log->producers().find(6), nullptr);
  ASSERT_TRUE(world.log->truncate_to(2));
  EXPECT_EQ(world.log->producers().find(5)->last_sequence(), 1);
  const auto again =
      world.append(batch_of(2, start_ms, "v", {.id = 5, .epoch = 0, .sequence = 2}), 4);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->first_offset, 2);
}

TEST(log_truncate, an_aborted_transaction_is_forgotten_and_open_again) {
  log_environment world;
  world.open();
  const producer one{.id = 1, .epoch = 0, .sequence = 0, .is_transactional = true};
  ASSERT_TRUE(world.append(batch_of(1, start_ms, "a", one)));
  ASSERT_TRUE(world.end_transaction(one, record::control_type::abort));
  ASSERT_TRUE(world.log->truncate_to(1));
  EXPECT_EQ(world.log->last_stable_offset(1), 0);
  ASSERT_TRUE(world.end_transaction(one, record::control_type::commit));
  world.log->advance_high_watermark(2);
  EXPECT_EQ(world.log->last_stable_offset(2), 2);
  const read_request request{
      .start_offset = 0, .max_bytes = 1000, .with_aborted_transactions = true};
  EXPECT_TRUE(world.log->read(request)->aborted.empty());
  world.close_and_open();
  EXPECT_TRUE(world.log->read(request)->aborted.empty());
}

TEST(log_truncate, what_was_removed_does_not_come_back_after_power_loss) {
  log_environment world;
  ASSERT_TRUE(world.files.sync_folder("/data"));
  world.open();
  world.append_records(200);
  world.flush();
  ASSERT_TRUE(world.log->truncate_to(20));
  world.append_records(5);
  world.flush();
  world.log.reset();
  world.files.lose_power();
  world.open(false, 25);
  world.expect_records(0, 25);
}

TEST(log_retention, by_size_keeps_at_least_retention_bytes) {
  log_environment world;
  world.config.retention_bytes = 8000;
  world.open();
  world.append_records(400);
  const auto deleted = world.log->delete_old_segments(start_ms, 400);
  ASSERT_TRUE(deleted);
  EXPECT_GT(deleted->segments, 2);
  EXPECT_GE(world.log->size_bytes(), 8000);
  EXPECT_LT(world.log->size_bytes(), 8000 + 4096);
  EXPECT_EQ(world.log->log_start_offset(), world.log->segments().front().base_offset);
  for (const std::string& path : deleted->files) {
    EXPECT_TRUE(path.ends_with(".deleted"));
    EXPECT_TRUE(world.files.exists(path));
  }
  world.expect_records(world.log->log_start_offset(), 400);
  EXPECT_FALSE(world.log->read({.start_offset = 0, .max_bytes = 1}));
  world.crash_and_open();
  world.expect_records(world.log->log_start_offset(), 400);
}

TEST(log_retention, by_time_and_not_above_the_high_watermark) {
  log_environment world;
  world.config.retention_ms = 100'000;
  world.open();
  world.append_records(400);
  const std::int64_t hour_later = start_ms + 3'600'000;
  ASSERT_TRUE(world.log->delete_old_segments(hour_later, 100));
  EXPECT_LE(world.log->log_start_offset(), 100);
  EXPECT_GT(world.log->log_start_offset(), 0);
  ASSERT_TRUE(world.log->delete_old_segments(hour_later, 400));
  EXPECT_EQ(world.log->log_start_offset(), 400)
      << "all were old: the active segment was rolled and went too";
  EXPECT_EQ(world.log->segments().size(), 1U);
  EXPECT_EQ(world.log->delete_old_segments(hour_later, 400)->segments, 0);
  world.append_records(10);
  world.expect_records(400, 410);
}

TEST(log_retention, by_log_start_offset_whatever_the_policy) {
  log_environment world;
  world.config.is_cleanup_delete = false;
  world.config.is_cleanup_compact = true;
  world.config.retention_ms = 1;
  world.open();
  world.append_records(200);
  EXPECT_EQ(world.log->delete_old_segments(start_ms + 3'600'000, 200)->segments, 0);
  const std::int64_t third = world.log->segments()[2].base_offset;
  EXPECT_TRUE(world.log->advance_log_start_offset(third + 1));
  EXPECT_EQ(world.log->delete_old_segments(start_ms, 200)->segments, 2);
  EXPECT_EQ(world.log->log_start_offset(), third + 1);
  EXPECT_FALSE(world.log->advance_log_start_offset(third));
  EXPECT_FALSE(world.log->advance_log_start_offset(201));
  world.expect_records(third + 1, 200);
}

TEST(log_retention, a_slice_of_a_deleted_segment_stays_readable) {
  log_environment world;
  world.config.retention_bytes = 0;
  world.open();
  world.append_records(200);
  const auto found = world.log->read({.start_offset = 0, .max_bytes = 4096});
  ASSERT_TRUE(found);
  const auto before = bytes_of(found->slice);
  const auto deleted = world.log->delete_old_segments(start_ms, 200);
  ASSERT_TRUE(deleted);
  for (const std::string& path : deleted->files) {
    ASSERT_TRUE(world.files.remove(path));
  }
  EXPECT_EQ(bytes_of(found->slice), before);
}

}  // namespace
}  // namespace barnabas::storage::log_tests
