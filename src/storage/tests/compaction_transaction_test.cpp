// Compaction of logs with transactions.
#include "compaction_environment.h"

namespace barnabas::storage::log_tests {
namespace {

using record::control_type;
constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

struct transactional_log : compaction_environment {
  producer writer{.id = 7, .epoch = 0, .sequence = 0, .is_transactional = true};

  void put_in_transaction(const std::string& key, const std::optional<std::string>& value) {
    const auto done = append(keyed_batch({{key, value}},
                                         {.producer_id = writer.id,
                                          .producer_epoch = writer.epoch,
                                          .base_sequence = writer.sequence++,
                                          .is_transactional = true},
                                         now_ms));
    ASSERT_TRUE(done) << done.error().message;
  }
  void end(control_type type) {
    const auto done = end_transaction(writer, type);
    ASSERT_TRUE(done) << done.error().message;
    log->advance_high_watermark(log->log_end_offset());
  }
  int markers() {
    int count = 0;
    for (const record::batch_view batch : batches()) {
      count += batch.is_control() && batch.record_count() > 0 ? 1 : 0;
    }
    return count;
  }
  // Of a read_committed reader from the start on.
  std::size_t aborted_count() {
    const auto read = log->read({.start_offset = log->log_start_offset(),
                                 .max_bytes = 10 << 20,
                                 .with_aborted_transactions = true});
    return read ? read->aborted.size() : 0;
  }
};

TEST(compaction_of_transactions, aborted_records_go_and_do_not_replace_others) {
  transactional_log world;
  world.open();
  world.put("k", "committed");
  world.put_in_transaction("k", "aborted");
  world.end(control_type::abort);
  world.put_in_transaction("l", "later");
  world.end(control_type::commit);
  world.compact();
  EXPECT_EQ(world.values_of("k"), std::vector<std::string>{"committed"});
  EXPECT_EQ(world.values_of("l"), std::vector<std::string>{"later"});
}

TEST(compaction_of_transactions, an_abort_counts_after_another_one_that_was_cleaned_before) {
  transactional_log world;
  world.open();
  world.put_in_transaction("x", "aborted");
  world.end(control_type::abort);
  world.compact();
  world.put("k", "committed");
  world.put_in_transaction("k", "aborted");
  world.end(control_type::abort);
  world.compact();
  EXPECT_EQ(world.values_of("k"), std::vector<std::string>{"committed"});
}

TEST(compaction_of_transactions, nothing_at_or_above_the_last_stable_offset_is_cleaned) {
  transactional_log world;
  world.open();
  world.put("k", "1");
  world.put("k", "2");
  ASSERT_TRUE(world.log->roll(world.now_ms));
  world.put_in_transaction("k", "open");
  world.put("k", "3");
  world.put("k", "4");
  world.compact();
  EXPECT_EQ(world.values_of("k"), (std::vector<std::string>{"2", "open", "3", "4"}));
  EXPECT_EQ(world.log->cleaned_offset(), 2);
  world.end(control_type::commit);
  world.compact();
  EXPECT_EQ(world.values_of("k"), std::vector<std::string>{"4"});
}

TEST(compaction_of_transactions, a_marker_goes_when_its_records_are_gone_and_its_horizon_is_over) {
  transactional_log world;
  world.config.delete_retention_ms = day_ms;
  world.open();
  world.put_in_transaction("k", "first");
  world.end(control_type::commit);
  world.put_in_transaction("k", "aborted");
  world.end(control_type::abort);
  world.put_in_transaction("k", "last of the producer");
  world.end(control_type::commit);
  world.put("k", "newest");
  world.compact();
  // The first round sees what it removes, so the markers stay as they are.
  EXPECT_EQ(world.markers(), 3);
  world.put("x", "1");
  world.compact();
  EXPECT_EQ(world.markers(), 3) << "now they have a horizon";
  EXPECT_EQ(world.batches().front().delete_horizon_ms(), world.now_ms + day_ms);
  EXPECT_EQ(world.batches()[1].delete_horizon_ms(), world.now_ms + day_ms);
  world.now_ms += day_ms;
  world.put("x", "2");
  world.compact();
  EXPECT_EQ(world.markers(), 1) << "that of the producer's last batch, which is kept";
  EXPECT_EQ(world.values_of("k"), std::vector<std::string>{"newest"});
}

TEST(compaction_of_transactions, readers_are_told_of_aborts_whose_batches_are_still_there) {
  transactional_log world;
  world.open();
  world.put_in_transaction("k", "aborted");
  world.end(control_type::abort);
  world.put("x", "1");
  world.put("x", "2");
  ASSERT_EQ(world.aborted_count(), 1U);
  world.compact();
  // The batch is the producer's last: it stays, empty, and so does the abort.
  EXPECT_EQ(world.batches().front().record_count(), 0);
  EXPECT_EQ(world.aborted_count(), 1U);
  world.put_in_transaction("y", "1");
  world.end(control_type::commit);
  world.compact();
  EXPECT_EQ(world.batches().front().base_offset(), 1) << "the marker";
  EXPECT_EQ(world.markers(), 2);
  world.put("x", "3");
  world.compact();
  EXPECT_EQ(world.aborted_count(), 0U);
  world.crash_and_open();
  EXPECT_EQ(world.aborted_count(), 0U);
  EXPECT_EQ(world.values_of("y"), std::vector<std::string>{"1"});
}

TEST(compaction_of_transactions, an_abort_beyond_the_cleaned_part_counts) {
  transactional_log world;
  world.config.min_compaction_lag_ms = 1000;
  world.open();
  world.put("k", "committed");
  world.put_in_transaction("k", "aborted");
  ASSERT_TRUE(world.log->roll(world.now_ms));
  world.now_ms += 2000;
  world.end(control_type::abort);
  world.compact();
  EXPECT_EQ(world.log->cleaned_offset(), 2);
  EXPECT_EQ(world.values_of("k"), std::vector<std::string>{"committed"});
  EXPECT_EQ(world.markers(), 1);
}

TEST(compaction_of_transactions, only_the_marker_of_a_producer_without_data_keeps_its_epoch) {
  transactional_log world;
  world.config.delete_retention_ms = 0;
  world.open();
  world.put_in_transaction("k", "1");
  ++world.writer.epoch;  // as when the coordinator fences it
  world.end(control_type::abort);
  world.put("k", "2");
  for (int round = 0; round < 3; ++round) {
    world.now_ms += 1;
    world.put("x", "v" + std::to_string(round));
    world.compact();
  }
  const record::batch_view first = world.batches().front();
  EXPECT_TRUE(first.is_control());
  EXPECT_EQ(first.producer_epoch(), 1);
  EXPECT_EQ(first.record_count(), 0);
}

}  // namespace
}  // namespace barnabas::storage::log_tests
