#include "log_environment.h"
#include "storage/log_file_names.h"

namespace barnabas::storage::log_tests {
namespace {

TEST(log_append, offsets_follow_one_another_and_are_read_back) {
  log_environment world;
  world.open();
  const auto first = world.append(batch_of(3));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first_offset, 0);
  EXPECT_EQ(first->last_offset, 2);
  const auto second = world.append(batch_of(2));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->first_offset, 3);
  EXPECT_EQ(world.log->log_end_offset(), 5);
  EXPECT_EQ(read_from(*world.log, 0).size(), 5U);
  EXPECT_EQ(read_from(*world.log, 1).front().offset, 1);
}

TEST(log_append, rolls_when_a_segment_is_full) {
  log_environment world;
  world.open();
  world.append_records(200);
  EXPECT_GT(world.log->segments().size(), 3U);
  for (const segment& one : world.log->segments()) {
    EXPECT_LE(one.size_bytes, world.config.segment_bytes);
  }
  world.expect_records(0, 200);
}

TEST(log_append, rolls_when_the_first_batch_is_older_than_segment_ms) {
  log_environment world;
  world.config.segment_ms = 5'000;
  world.open();
  world.append_records(6);
  EXPECT_EQ(world.log->segments().size(), 1U);
  world.append_records(1);
  EXPECT_EQ(world.log->segments().size(), 2U);
  EXPECT_EQ(world.log->segments().back().base_offset, 6);
}

TEST(log_append, rolls_when_an_index_is_full) {
  log_environment world;
  world.config.segment_bytes = 1 << 20;
  world.config.segment_index_bytes = 60;
  world.open();
  world.append_records(100);
  EXPECT_GT(world.log->segments().size(), 3U);
  world.expect_records(0, 100);
}

TEST(log_append, a_follower_rolls_when_offsets_are_too_far_for_a_segment) {
  log_environment world;
  world.open();
  world.append_records(1);
  auto far = batch_of(1);
  record::assign_offsets(far, std::int64_t{3} << 31, 0);
  const auto done = world.log->append_as_follower(far, start_ms);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->first_offset, std::int64_t{3} << 31);
  EXPECT_EQ(world.log->segments().back().base_offset, std::int64_t{3} << 31);
}

TEST(log_append, several_appends_share_a_write_and_have_their_own_outcomes) {
  log_environment world;
  world.open();
  auto good = batch_of(2, start_ms, "a", {.id = 7, .epoch = 0, .sequence = 0});
  auto gap = batch_of(1, start_ms, "b", {.id = 7, .epoch = 0, .sequence = 5});
  auto again = batch_of(2, start_ms, "a", {.id = 7, .epoch = 0, .sequence = 0});
  auto next = batch_of(1, start_ms, "c", {.id = 7, .epoch = 0, .sequence = 2});
  std::array<leader_append, 4> appends{
      leader_append{.batches = good}, leader_append{.batches = gap},
      leader_append{.batches = again}, leader_append{.batches = next}};
  world.log->append_as_leader(appends, 0, start_ms);
  ASSERT_TRUE(appends[0].outcome);
  EXPECT_EQ(appends[0].outcome->last_offset, 1);
  ASSERT_FALSE(appends[1].outcome);
  EXPECT_EQ(appends[1].outcome.error().code, error_code::out_of_order_sequence_number);
  ASSERT_TRUE(appends[2].outcome);
  EXPECT_TRUE(appends[2].outcome->is_duplicate);
  EXPECT_EQ(appends[2].outcome->first_offset, 0);
  ASSERT_TRUE(appends[3].outcome);
  EXPECT_EQ(appends[3].outcome->first_offset, 2);
  EXPECT_EQ(read_from(*world.log, 0).size(), 3U);
}

TEST(log_append, a_group_that_spans_a_roll_is_written_whole) {
  log_environment world;
  world.open();
  std::vector<std::vector<std::byte>> batches;
  for (int i = 0; i < 20; ++i) {
    batches.push_back(large_batch(900));
  }
  std::vector<leader_append> appends;
  for (auto& batch : batches) {
    appends.push_back({.batches = batch});
  }
  world.log->append_as_leader(appends, 0, start_ms);
  for (std::size_t i = 0; i < appends.size(); ++i) {
    ASSERT_TRUE(appends[i].outcome);
    EXPECT_EQ(appends[i].outcome->first_offset, static_cast<std::int64_t>(i));
  }
  EXPECT_EQ(world.log->segments().size(), 5U);
  EXPECT_EQ(read_from(*world.log, 0).size(), 20U);
}

TEST(log_append, a_full_disk_refuses_and_goes_on_without_a_gap_when_it_has_room) {
  log_environment world;
  world.open();
  world.append_records(10);
  world.files.set_capacity("/data", 1000);
  const auto refused = world.append(large_batch(2000));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::kafka_storage_error);
  world.expect_records(0, 10);
  world.files.set_capacity("/data", -1);
  world.append_records(10);
  world.expect_records(0, 20);
  world.crash_and_open();
  world.expect_records(0, 20);
  EXPECT_EQ(world.log->recovery().cut_bytes, 0);
}

TEST(log_append, a_write_that_failed_leaves_the_producer_where_it_was) {
  log_environment world;
  world.open();
  ASSERT_TRUE(world.append(batch_of(1, start_ms, "v", {.id = 9, .epoch = 1, .sequence = 0})));
  world.files.inject({.operation = runtime::simulated::disk_operation::write,
                      .prefix = "/data",
                      .error_number = 5,
                      .times = 1});
  auto second = batch_of(1, start_ms, "v", {.id = 9, .epoch = 1, .sequence = 1});
  auto again = second;
  std::array<leader_append, 2> appends{leader_append{.batches = second},
                                       leader_append{.batches = again}};
  world.log->append_as_leader(appends, 0, start_ms);
  EXPECT_FALSE(appends[0].outcome);
  EXPECT_FALSE(appends[1].outcome)
      << "a duplicate of what was not written is not in the log either";
  const auto retried =
      world.append(batch_of(1, start_ms, "v", {.id = 9, .epoch = 1, .sequence = 1}));
  ASSERT_TRUE(retried);
  EXPECT_FALSE(retried->is_duplicate);
  EXPECT_EQ(retried->first_offset, 1);
}

TEST(log_append, a_segment_that_cannot_be_made_is_made_later) {
  log_environment world;
  world.open();
  while (world.log->segments().back().size_bytes < 3900) {
    world.append_records(1);
  }
  const std::int64_t end = world.log->log_end_offset();
  world.files.inject({.operation = runtime::simulated::disk_operation::open,
                      .prefix = "/data",
                      .error_number = 24});
  EXPECT_FALSE(world.append(large_batch(1000)));
  EXPECT_EQ(world.log->log_end_offset(), end);
  world.files.clear_faults();
  world.append_records(50);
  world.expect_records(0, end + 50);
}

TEST(log_append, a_follower_takes_the_leaders_offsets_and_epochs) {
  log_environment world;
  world.open();
  auto batches = batch_of(2);
  record::assign_offsets(batches, 10, 3);
  auto more = batch_of(2);
  record::assign_offsets(more, 20, 4);
  batches.insert(batches.end(), more.begin(), more.end() - 5);
  auto done = world.log->append_as_follower(batches, start_ms);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->first_offset, 10);
  EXPECT_EQ(done->last_offset, 11) << "the incomplete batch is left for the next fetch";
  done = world.log->append_as_follower(more, start_ms);
  ASSERT_TRUE(done);
  EXPECT_EQ(world.log->log_end_offset(), 22);
  const std::vector<leader_epoch_entry> expected{{3, 10}, {4, 20}};
  EXPECT_EQ(world.log->leader_epochs().entries(), expected);
  const auto below = world.log->append_as_follower(more, start_ms);
  ASSERT_FALSE(below);
  EXPECT_EQ(below.error().code, error_code::offset_out_of_range);
}

TEST(log_append, leader_epochs_are_found_again) {
  log_environment world;
  world.open();
  world.log->start_leader_epoch(2);
  ASSERT_TRUE(world.append(batch_of(5), 2));
  world.log->start_leader_epoch(4);
  ASSERT_TRUE(world.append(batch_of(5), 4));
  const epoch_end_offset expected{2, 5};
  EXPECT_EQ(world.log->end_offset_for_epoch(3), expected);
  world.crash_and_open();
  EXPECT_EQ(world.log->end_offset_for_epoch(3), expected);
  world.close_and_open();
  EXPECT_EQ(world.log->end_offset_for_epoch(3), expected);
  const epoch_end_offset newest{4, 10};
  EXPECT_EQ(world.log->end_offset_for_epoch(4), newest);
  EXPECT_EQ(world.log->end_offset_for_epoch(5), epoch_end_offset{});
}

}  // namespace
}  // namespace barnabas::storage::log_tests
