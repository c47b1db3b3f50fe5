#include "storage/producer_state.h"
#include "log_environment.h"
#include "storage/producer_snapshot.h"

namespace barnabas::storage::log_tests {
namespace {

// One batch in the log at `offset`.
producer_update data(std::int64_t id, std::int16_t epoch, std::int32_t sequence,
                     std::int64_t offset, int records = 1, bool is_transactional = false) {
  auto bytes = batch_of(
      records, start_ms + offset, "v",
      {.id = id, .epoch = epoch, .sequence = sequence, .is_transactional = is_transactional});
  record::assign_offsets(bytes, offset, 0);
  return producer_update(*record::batch_view::parse(bytes));
}

producer_update marker(std::int64_t id, std::int16_t epoch, std::int64_t offset,
                       record::control_type type, std::int32_t coordinator_epoch = 0) {
  auto bytes = record::build_transaction_marker(
      {.type = type, .coordinator_epoch = coordinator_epoch}, id, epoch, start_ms + offset);
  record::assign_offsets(bytes, offset, 0);
  return *producer_update::of(*record::batch_view::parse(bytes));
}

error_code take(producer_state& state, const producer_update& update,
                record::origin origin = record::origin::client) {
  const auto done = state.update(update, origin);
  if (done && *done) {
    state.complete(**done);
  }
  return done ? error_code::none : done.error().code;
}

std::optional<producer_batch> duplicate(const producer_state& state, std::int64_t id,
                                        std::int16_t epoch, std::int32_t sequence,
                                        int records = 1) {
  const auto bytes =
      batch_of(records, start_ms, "v", {.id = id, .epoch = epoch, .sequence = sequence});
  return state.find_duplicate(*record::batch_view::parse(bytes));
}

TEST(producer_state, an_unknown_producer_may_begin_anywhere) {
  producer_state state;
  EXPECT_EQ(take(state, data(1, 3, 700, 0)), error_code::none);
  EXPECT_EQ(take(state, data(1, 3, 701, 1)), error_code::none);
}

TEST(producer_state, gaps_and_repeats_are_out_of_order) {
  producer_state state;
  EXPECT_EQ(take(state, data(1, 0, 0, 0, 5)), error_code::none);
  EXPECT_EQ(take(state, data(1, 0, 6, 5)), error_code::out_of_order_sequence_number);
  EXPECT_EQ(take(state, data(1, 0, 4, 5)), error_code::out_of_order_sequence_number);
  EXPECT_EQ(take(state, data(1, 0, 5, 5)), error_code::none);
  EXPECT_EQ(state.find(1)->last_offset(), 5);
}

TEST(producer_state, the_last_five_batches_are_known_again) {
  producer_state state;
  for (int i = 0; i < 7; ++i) {
    ASSERT_EQ(take(state, data(1, 0, i * 2, i * 2, 2)), error_code::none);
  }
  EXPECT_FALSE(duplicate(state, 1, 0, 0, 2));
  EXPECT_FALSE(duplicate(state, 1, 0, 2, 2));
  for (int i = 2; i < 7; ++i) {
    const auto found = duplicate(state, 1, 0, i * 2, 2);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->first_offset(), i * 2);
    EXPECT_EQ(found->last_offset, i * 2 + 1);
    EXPECT_EQ(found->timestamp, start_ms + i * 2 + 1);
  }
  EXPECT_FALSE(duplicate(state, 1, 0, 12, 1)) << "part of a batch is not the batch";
  EXPECT_FALSE(duplicate(state, 1, 1, 12, 2)) << "another epoch";
}

TEST(producer_state, sequences_wrap) {
  producer_state state;
  constexpr std::int32_t last = std::numeric_limits<std::int32_t>::max();
  ASSERT_EQ(take(state, data(1, 0, last - 1, 0, 2)), error_code::none);
  ASSERT_EQ(take(state, data(1, 0, 0, 2)), error_code::none);
  producer_state across;
  ASSERT_EQ(take(across, data(1, 0, last - 1, 0, 5)), error_code::none);
  EXPECT_EQ(across.find(1)->last_sequence(), 2);
  EXPECT_TRUE(duplicate(across, 1, 0, last - 1, 5));
  ASSERT_EQ(take(across, data(1, 0, 3, 5)), error_code::none);
}

TEST(producer_state, a_new_epoch_begins_at_zero_and_fences_the_old_one) {
  producer_state state;
  ASSERT_EQ(take(state, data(1, 0, 0, 0)), error_code::none);
  EXPECT_EQ(take(state, data(1, 1, 1, 1)), error_code::out_of_order_sequence_number);
  EXPECT_EQ(take(state, data(1, 1, 0, 1)), error_code::none);
  EXPECT_EQ(take(state, data(1, 0, 1, 2)), error_code::invalid_producer_epoch);
  EXPECT_EQ(take(state, data(1, 0, 1, 2), record::origin::replication), error_code::none)
      << "the leader decided";
}

TEST(producer_state, markers_end_transactions) {
  producer_state state;
  ASSERT_EQ(take(state, data(1, 0, 0, 10, 1, true)), error_code::none);
  ASSERT_EQ(take(state, data(2, 0, 0, 11, 1, true)), error_code::none);
  ASSERT_EQ(take(state, data(1, 0, 1, 12, 1, true)), error_code::none);
  EXPECT_EQ(state.first_unstable_offset(0), 10);
  const auto ended =
      state.update(marker(1, 0, 13, record::control_type::abort), record::origin::coordinator);
  ASSERT_TRUE(ended && *ended);
  EXPECT_EQ((*ended)->first_offset, 10);
  EXPECT_EQ((*ended)->last_offset, 13);
  EXPECT_TRUE((*ended)->is_aborted);
  EXPECT_EQ(state.last_stable_offset_after(**ended), 11);
  state.complete(**ended);
  EXPECT_EQ(state.first_unstable_offset(13), 10) << "until its marker is below the high watermark";
  EXPECT_EQ(state.first_unstable_offset(14), 11);
  state.advance_high_watermark(14);
  EXPECT_EQ(state.first_unstable_offset(14), 11);
  const auto empty =
      state.update(marker(1, 0, 14, record::control_type::commit), record::origin::coordinator);
  ASSERT_TRUE(empty);
  EXPECT_FALSE(*empty) << "nothing was open";
}

TEST(producer_state, rules_of_transactions) {
  producer_state state;
  ASSERT_EQ(take(state, data(1, 0, 0, 0, 1, true)), error_code::none);
  EXPECT_EQ(take(state, data(1, 0, 1, 1, 1, false)), error_code::invalid_txn_state);
  ASSERT_EQ(
      take(state, marker(1, 0, 1, record::control_type::commit, 5), record::origin::coordinator),
      error_code::none);
  EXPECT_EQ(
      take(state, marker(1, 0, 2, record::control_type::commit, 4), record::origin::coordinator),
      error_code::transaction_coordinator_fenced);
  ASSERT_EQ(
      take(state, marker(1, 1, 2, record::control_type::abort, 5), record::origin::coordinator),
      error_code::none);
  EXPECT_EQ(take(state, data(1, 0, 1, 3, 1, true)), error_code::invalid_producer_epoch)
      << "the marker fenced it";
  EXPECT_EQ(take(state, data(1, 1, 0, 3, 1, true)), error_code::none);
}

TEST(producer_state, idle_producers_expire_but_not_within_a_transaction) {
  producer_state state;
  ASSERT_EQ(take(state, data(1, 0, 0, 0)), error_code::none);
  ASSERT_EQ(take(state, data(2, 0, 0, 1, 1, true)), error_code::none);
  state.remove_expired(start_ms + 999, 1000);
  EXPECT_EQ(state.producers().size(), 2U);
  state.remove_expired(start_ms + 5000, 1000);
  EXPECT_EQ(state.find(1), nullptr);
  EXPECT_NE(state.find(2), nullptr);
}

TEST(producer_state, updates_are_undone) {
  producer_state state;
  ASSERT_EQ(take(state, data(1, 0, 0, 0, 1, true)), error_code::none);
  state.commit();
  const std::size_t mark = state.mark();
  ASSERT_EQ(take(state, data(1, 0, 1, 1, 1, true)), error_code::none);
  ASSERT_EQ(take(state, data(2, 0, 0, 2, 1, true)), error_code::none);
  ASSERT_EQ(take(state, marker(1, 0, 3, record::control_type::abort), record::origin::coordinator),
            error_code::none);
  state.roll_back(mark, 1);
  EXPECT_EQ(state.find(2), nullptr);
  EXPECT_EQ(state.find(1)->last_sequence(), 0);
  EXPECT_EQ(state.first_unstable_offset(0), 0);
  EXPECT_EQ(take(state, data(1, 0, 1, 1, 1, true)), error_code::none);
  state.advance_high_watermark(100);
  EXPECT_EQ(state.first_unstable_offset(100), 0) << "still open";
}

TEST(producer_snapshot, comes_back) {
  producer_state state;
  ASSERT_EQ(take(state, data(1, 3, 0, 0, 5)), error_code::none);
  ASSERT_EQ(take(state, data(2, 0, 7, 5, 1, true)), error_code::none);
  ASSERT_EQ(
      take(state, marker(3, 1, 6, record::control_type::commit, 9), record::origin::coordinator),
      error_code::none);
  const auto bytes = encode_snapshot(state);
  EXPECT_EQ(bytes.size(), 10 + 3 * 46U);
  producer_state back;
  ASSERT_TRUE(decode_snapshot(bytes, start_ms, 1000, back));
  EXPECT_EQ(back.producers().size(), 3U);
  EXPECT_EQ(back.find(1)->last_sequence(), 4);
  EXPECT_EQ(back.find(1)->epoch, 3);
  EXPECT_EQ(back.find(1)->batches[0].first_offset(), 0);
  EXPECT_EQ(back.first_unstable_offset(0), 5);
  EXPECT_EQ(back.find(3)->coordinator_epoch, 9);
  EXPECT_EQ(back.find(3)->batch_count, 0);
  EXPECT_EQ(encode_snapshot(back), bytes);
  producer_state later;
  ASSERT_TRUE(decode_snapshot(bytes, start_ms + 5000, 1000, later));
  EXPECT_EQ(later.producers().size(), 1U) << "all but the one in a transaction have expired";
}

TEST(producer_snapshot, keeps_the_batches_that_a_producer_may_resend) {
  producer_state state;
  for (int i = 0; i < 7; ++i) {
    ASSERT_EQ(take(state, data(1, 3, i * 2, i * 2, 2)), error_code::none);
    ASSERT_EQ(take(state, data(2 + i, 0, 0, 100 + i, 1)), error_code::none);
  }
  const auto bytes = encode_snapshot(state);
  producer_state back;
  ASSERT_TRUE(decode_snapshot(bytes, start_ms, 1000, back));
  ASSERT_EQ(back.find(1)->batch_count, producer_entry::batches_kept);
  for (std::size_t i = 0; i < producer_entry::batches_kept; ++i) {
    EXPECT_EQ(back.find(1)->batches[i].last_sequence, state.find(1)->batches[i].last_sequence);
    EXPECT_EQ(back.find(1)->batches[i].last_offset, state.find(1)->batches[i].last_offset);
  }
  EXPECT_EQ(encode_snapshot(back), bytes);
}

TEST(producer_snapshot, every_damage_is_an_error) {
  producer_state state;
  ASSERT_EQ(take(state, data(1, 3, 0, 0, 5)), error_code::none);
  ASSERT_EQ(take(state, data(1, 3, 5, 5, 5)), error_code::none);
  const auto bytes = encode_snapshot(state);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    producer_state back;
    EXPECT_FALSE(decode_snapshot(bytes_view(bytes).first(size), start_ms, 1000, back)) << size;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] ^= std::byte{1};
    producer_state back;
    EXPECT_FALSE(decode_snapshot(damaged, start_ms, 1000, back)) << i;
  }
}

}  // namespace
}  // namespace barnabas::storage::log_tests
