#include "log_environment.h"
#include "storage/log_file_names.h"

namespace barnabas::storage::log_tests {
namespace {

std::string log_path(const log_environment& world, std::int64_t offset) {
  return log_file_path(world.folder, offset, suffix::log);
}

TEST(log_recovery, a_clean_log_is_not_scanned) {
  log_environment world;
  world.open();
  world.append_records(200);
  world.close_and_open();
  EXPECT_EQ(world.log->recovery().checked_bytes, 0);
  EXPECT_EQ(world.log->recovery_point(), 200);
  world.expect_records(0, 200);
  world.append_records(100);
  world.expect_records(0, 300);
}

TEST(log_recovery, everything_written_is_there_after_kill) {
  log_environment world;
  world.open();
  world.append_records(200);
  world.crash_and_open();
  EXPECT_GT(world.log->recovery().checked_bytes, 0);
  EXPECT_EQ(world.log->recovery().cut_bytes, 0);
  world.expect_records(0, 200);
  world.append_records(100);
  world.crash_and_open();
  world.expect_records(0, 300);
}

TEST(log_recovery, a_torn_tail_is_cut) {
  log_environment world;
  world.open();
  world.append_records(10);
  auto torn = batch_of(5);
  record::assign_offsets(torn, 10, 0);
  world.append_bytes(log_path(world, 0), bytes_view(torn).first(torn.size() - 3));
  world.crash_and_open();
  EXPECT_EQ(world.log->recovery().cut_bytes, static_cast<std::int64_t>(torn.size()) - 3);
  world.expect_records(0, 10);
  world.append_records(10);
  world.expect_records(0, 20);
}

TEST(log_recovery, segments_that_were_dropped_do_not_come_back) {
  log_environment world;
  ASSERT_TRUE(world.files.sync_folder("/data"));
  world.open();
  world.append_records(200);
  world.flush();
  const segment damaged = world.log->segments()[1];
  const auto file =
      world.files.open(log_path(world, damaged.base_offset), runtime::open_mode::read_write);
  ASSERT_TRUE((*file)->truncate(0));
  ASSERT_TRUE((*file)->sync());
  world.open(false, 0);
  ASSERT_GE(world.log->recovery().deleted_segments, 2);
  world.files.lose_power();
  const auto names = *world.files.list(world.folder);
  EXPECT_EQ(
      std::ranges::count_if(names, [](const auto& each) { return each.name.ends_with(".log"); }),
      2);
}

TEST(log_recovery, damage_in_the_middle_cuts_all_behind_it) {
  log_environment world;
  world.open();
  world.append_records(200);
  ASSERT_GT(world.log->segments().size(), 3U);
  const segment damaged = world.log->segments()[1];
  const auto file =
      world.files.open(log_path(world, damaged.base_offset), runtime::open_mode::read_write);
  const std::byte wrong{0x5a};
  ASSERT_TRUE((*file)->write_at(bytes_view(&wrong, 1), 60));
  world.crash_and_open();
  EXPECT_EQ(world.log->log_end_offset(), damaged.base_offset);
  EXPECT_GE(world.log->recovery().deleted_segments, 2);
  world.expect_records(0, damaged.base_offset);
  world.append_records(20);
  world.expect_records(0, damaged.base_offset + 20);
}

TEST(log_recovery, what_is_below_the_recovery_point_is_not_checked) {
  log_environment world;
  world.open();
  world.append_records(20);
  world.flush();
  EXPECT_EQ(world.log->recovery_point(), 20);
  const auto file = world.files.open(log_path(world, 0), runtime::open_mode::read_write);
  const std::byte wrong{0x5a};
  ASSERT_TRUE((*file)->write_at(bytes_view(&wrong, 1), 65));
  world.append_records(5);
  world.crash_and_open();
  EXPECT_EQ(world.log->log_end_offset(), 25);
}

TEST(log_recovery, offsets_and_epochs_must_ascend) {
  for (const auto& [offset, epoch] : {std::pair<std::int64_t, std::int32_t>{3, 5}, {10, 4}}) {
    log_environment world;
    world.open();
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(world.append(batch_of(1), 5));
    }
    auto wrong = batch_of(1);
    record::assign_offsets(wrong, offset, epoch);
    world.append_bytes(log_path(world, 0), wrong);
    world.crash_and_open();
    EXPECT_EQ(world.log->log_end_offset(), 10);
    EXPECT_GT(world.log->recovery().cut_bytes, 0);
  }
}

TEST(log_recovery, a_hole_between_segments_ends_the_log) {
  log_environment world;
  world.open();
  world.append_records(200);
  const segment first = world.log->segments()[0];
  const segment second = world.log->segments()[1];
  const auto file = world.files.open(log_path(world, 0), runtime::open_mode::read_write);
  const auto last = world.log->read({.start_offset = second.base_offset - 1, .max_bytes = 1});
  ASSERT_TRUE(last);
  ASSERT_TRUE((*file)->truncate(first.size_bytes - last->slice.length));
  world.crash_and_open();
  world.expect_records(0, second.base_offset - 1);
}

TEST(log_recovery, full_length_index_files_of_kafka_are_made_anew) {
  log_environment world;
  world.open();
  world.append_records(50);
  for (const auto name : {suffix::offset_index, suffix::time_index}) {
    const auto index =
        world.files.open(log_file_path(world.folder, 0, name), runtime::open_mode::create);
    ASSERT_TRUE((*index)->truncate(10 << 20));
  }
  world.crash_and_open();
  world.expect_records(0, 50);
  world.close_and_open();
  const auto index = world.files.open(log_file_path(world.folder, 0, suffix::offset_index),
                                      runtime::open_mode::read);
  EXPECT_LT(*(*index)->size(), 1000);
  world.expect_records(0, 50);
}

TEST(log_recovery, a_log_said_to_be_clean_that_is_not_is_checked) {
  log_environment world;
  world.open();
  world.append_records(50);
  ASSERT_TRUE(world.log->close());
  auto torn = batch_of(5);
  world.append_bytes(log_path(world, 0), bytes_view(torn).first(70));
  world.open();
  world.expect_records(0, 50);
  EXPECT_EQ(world.log->recovery().cut_bytes, 70);
}

TEST(log_recovery, missing_indexes_are_built) {
  log_environment world;
  world.open();
  world.append_records(200);
  ASSERT_TRUE(world.log->close());
  for (const segment& one : world.log->segments()) {
    ASSERT_TRUE(
        world.files.remove(log_file_path(world.folder, one.base_offset, suffix::offset_index)));
    ASSERT_TRUE(
        world.files.remove(log_file_path(world.folder, one.base_offset, suffix::time_index)));
  }
  world.open();
  world.expect_records(0, 200);
  EXPECT_EQ((*world.log->search_timestamp(start_ms + 11'000).run())->offset, 11);
}

// By the last entry retention would delete the segment.
TEST(log_recovery, a_time_index_whose_end_cannot_be_is_made_anew) {
  for (const bool is_missing : {false, true}) {
    log_environment world;
    world.open();
    world.append_records(200);
    ASSERT_TRUE(world.log->close());
    ASSERT_GT(world.log->segments().size(), 2U);
    const segment first = world.log->segments().front();
    const std::string path = log_file_path(world.folder, first.base_offset, suffix::time_index);
    if (is_missing) {
      ASSERT_TRUE(world.files.remove(path));
    } else {
      const std::array<std::byte, 12> older{std::byte{0}, std::byte{0}, std::byte{1}};
      const auto file = world.files.open(path, runtime::open_mode::read_write);
      ASSERT_TRUE((*file)->write_at(older, *(*file)->size()));
    }
    world.open();
    EXPECT_EQ(world.log->segments().front().max_timestamp, first.max_timestamp);
    EXPECT_EQ(world.log->segments().front().offset_of_max_timestamp, first.offset_of_max_timestamp);
    world.expect_records(0, 200);
  }
}

TEST(log_recovery, an_empty_file_that_a_failed_roll_left_is_no_segment) {
  for (const bool was_clean : {true, false}) {
    log_environment world;
    world.open();
    world.append_records(20);
    world.flush();
    ASSERT_TRUE(world.log->close());
    ASSERT_TRUE(world.files.open(log_path(world, 12), runtime::open_mode::create));
    world.open(was_clean, 20);
    world.expect_records(0, 20);
    EXPECT_FALSE(world.files.exists(log_path(world, 12)));
  }
}

TEST(log_recovery, leftovers_are_tidied) {
  log_environment world;
  world.open();
  world.append_records(10);
  ASSERT_TRUE(world.log->close());
  const std::string deleted = log_path(world, 5) + ".deleted";
  const std::string cleaned = log_path(world, 0) + ".cleaned";
  const std::string orphan = log_file_path(world.folder, 77, suffix::offset_index);
  for (const std::string& path : {deleted, cleaned, orphan}) {
    ASSERT_TRUE(world.files.open(path, runtime::open_mode::create));
  }
  ASSERT_TRUE(world.files.open(world.folder + "/notes.txt", runtime::open_mode::create));
  world.open();
  for (const std::string& path : {deleted, cleaned, orphan}) {
    EXPECT_FALSE(world.files.exists(path)) << path;
  }
  EXPECT_TRUE(world.files.exists(world.folder + "/notes.txt"));
  world.expect_records(0, 10);
}

TEST(log_recovery, a_compaction_that_was_cut_short_is_finished) {
  log_environment world;
  world.open();
  world.append_records(200);
  ASSERT_GT(world.log->segments().size(), 3U);
  const segment third = world.log->segments()[2];
  ASSERT_TRUE(world.log->close());
  // The first two segments became one, with the batch at 0 and the last one of them.
  auto merged = batch_of(1, start_ms, "v0.");
  auto last = batch_of(1, start_ms, "v" + std::to_string(third.base_offset - 1) + ".");
  record::assign_offsets(last, third.base_offset - 1, 0);
  merged.insert(merged.end(), last.begin(), last.end());
  ASSERT_TRUE(world.files.open(log_path(world, 0) + ".swap", runtime::open_mode::create));
  world.append_bytes(log_path(world, 0) + ".swap", merged);
  world.config.is_cleanup_compact = true;
  world.open();
  EXPECT_EQ(world.log->segments()[1].base_offset, third.base_offset);
  const auto records = read_from(*world.log, 0);
  ASSERT_EQ(records.size(), static_cast<std::size_t>(200 - third.base_offset + 2));
  EXPECT_EQ(records[1].offset, third.base_offset - 1);
}

TEST(log_recovery, an_end_emptied_by_compaction_is_stepped_over) {
  log_environment world;
  world.config.is_cleanup_compact = true;
  world.open();
  world.append_records(10);
  ASSERT_TRUE(world.log->roll(start_ms));
  world.append_records(10);
  ASSERT_TRUE(world.log->roll(start_ms));
  world.append_records(1);
  ASSERT_TRUE(world.log->close());
  for (const std::int64_t base : {0, 10}) {
    const auto file = world.files.open(log_path(world, base), runtime::open_mode::read_write);
    ASSERT_TRUE((*file)->truncate(0));
  }
  world.open();
  const auto warm = world.log->read({.start_offset = 3, .max_bytes = 1000});
  ASSERT_TRUE(warm);
  EXPECT_EQ(records_of(bytes_of(warm->slice)).front().offset, 20);
  auto cold = world.log->cold_read_for({.start_offset = 3, .max_bytes = 1000});
  ASSERT_TRUE(cold);
  EXPECT_EQ(records_of(bytes_of(cold->run()->slice)).front().offset, 20);
}

TEST(log_recovery, a_log_below_its_start_offset_is_emptied) {
  log_environment world;
  world.open();
  world.append_records(10);
  world.log->close();
  world.open(true, 0, 100);
  EXPECT_EQ(world.log->log_start_offset(), 100);
  EXPECT_EQ(world.log->log_end_offset(), 100);
  world.append_records(10);
  world.expect_records(100, 110);
}

TEST(log_recovery, leader_epochs_are_found_again_in_the_batches_when_their_file_is_damaged) {
  for (const bool is_clean : {true, false}) {
    log_environment world;
    world.open();
    for (const int epoch : {0, 3, 3, 7}) {
      ASSERT_TRUE(world.append(large_batch(3000), epoch));
    }
    world.flush();
    ASSERT_TRUE(world.append(large_batch(3000), 8));
    const std::string path = world.folder + "/leader-epoch-checkpoint";
    if (is_clean) {
      ASSERT_TRUE(world.log->close());
    }
    for (const std::string_view damaged : {"", "0\n2\n0 0\n", "0\n1\nx y\n"}) {
      ASSERT_TRUE(world.files.replace_text(path, damaged));
      const auto opened = world.try_open(is_clean, is_clean ? 0 : 4);
      ASSERT_TRUE(opened) << opened.error().message;
      const std::vector<leader_epoch_entry> expected{{0, 0}, {3, 1}, {7, 3}, {8, 4}};
      EXPECT_EQ(world.log->leader_epochs().entries(), expected);
      ASSERT_TRUE(world.log->close());
      EXPECT_EQ(world.files.read_text(path).value(), "0\n4\n0 0\n3 1\n7 3\n8 4\n");
    }
  }
}

TEST(log_recovery, power_loss_keeps_what_was_flushed) {
  for (int seed = 1; seed <= 30; ++seed) {
    log_environment world;
    for (int i = 0; i < seed; ++i) {
      world.simulation.random();
    }
    ASSERT_TRUE(world.files.sync_folder("/data"));
    world.open();
    world.append_records(90 + seed);
    world.flush();
    world.append_records(60);
    const std::int64_t flushed = world.log->recovery_point();
    EXPECT_EQ(flushed, 90 + seed);
    world.log.reset();
    world.files.lose_power();
    world.open(false, flushed);
    EXPECT_GE(world.log->log_end_offset(), flushed);
    world.expect_records(0, world.log->log_end_offset());
    world.append_records(60);
    world.expect_records(0, world.log->log_end_offset());
  }
}

}  // namespace
}  // namespace barnabas::storage::log_tests
