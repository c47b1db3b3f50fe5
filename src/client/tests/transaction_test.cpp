#include "client/transaction.h"

#include <gtest/gtest.h>

namespace barnabas::client {
namespace {

using enum transaction::state;

transaction open_one(bool has_version_2) {
  transaction it;
  EXPECT_TRUE(it.begin_init());
  it.initialized({7, 1}, has_version_2);
  EXPECT_TRUE(it.begin());
  return it;
}

TEST(transaction, takes_its_calls_in_their_order_only) {
  transaction it;
  EXPECT_EQ(it.begin().error().message, "begin_transaction() before init_transactions()");
  EXPECT_TRUE(it.begin_init());
  EXPECT_TRUE(it.begin_init()) << "it may be made again until it is done";
  it.initialized({7, 0}, false);
  EXPECT_EQ(it.begin_init().error().message, "init_transactions() without begin_transaction()");
  EXPECT_EQ(it.may_add("produce()").error().message, "produce() without begin_transaction()");
  EXPECT_EQ(it.begin_end(true).error().code, error_code::invalid_txn_state);
  EXPECT_TRUE(it.begin());
  EXPECT_TRUE(it.may_add("produce()"));
  EXPECT_EQ(it.begin().error().message, "begin_transaction() while a transaction is open");
  EXPECT_TRUE(it.begin_end(true));
  EXPECT_TRUE(it.begin_end(true)) << "it may be made again until it is done";
  EXPECT_FALSE(it.begin_end(false)) << "it may be committed already";
  EXPECT_FALSE(it.may_add("produce()"));
  it.ended({7, 0}, false);
  EXPECT_EQ(it.now(), ready);
}

TEST(transaction, version_1_sends_to_partitions_that_were_added) {
  transaction it = open_one(false);
  EXPECT_FALSE(it.has_to_end());
  EXPECT_FALSE(it.admits({"t", 0}));
  EXPECT_FALSE(it.admits({"t", 1}));
  EXPECT_EQ(it.wanted(), (std::vector<transaction::partition>{{"t", 0}, {"t", 1}}));
  it.admit(it.wanted());
  EXPECT_TRUE(it.admits({"t", 1}));
  EXPECT_FALSE(it.wants_partitions());
  EXPECT_TRUE(it.has_to_end());
  EXPECT_TRUE(it.begin_end(true));
  it.ended({7, 1}, false);
  EXPECT_TRUE(it.begin());
  EXPECT_FALSE(it.admits({"t", 1})) << "it is to be added to each transaction";
}

TEST(transaction, version_2_sends_to_any_partition) {
  transaction it = open_one(true);
  EXPECT_TRUE(it.admits({"t", 0}));
  EXPECT_FALSE(it.wants_partitions());
  EXPECT_TRUE(it.has_to_end());
}

TEST(transaction, is_aborted_after_records_that_failed_and_goes_on_with_a_new_epoch) {
  for (const bool has_version_2 : {false, true}) {
    transaction it = open_one(has_version_2);
    it.records_failed({error_code::message_too_large, "too large"}, true);
    EXPECT_EQ(it.now(), must_abort);
    EXPECT_TRUE(it.drops_records());
    EXPECT_EQ(it.begin_end(true).error().message, "the transaction must be aborted: too large");
    EXPECT_TRUE(it.begin_end(false));
    EXPECT_EQ(it.needs_new_epoch(), !has_version_2) << "with version 2 each end gives one";
    it.ended({7, 2}, has_version_2);
    EXPECT_FALSE(it.needs_new_epoch());
    EXPECT_TRUE(it.begin());
  }
}

TEST(transaction, records_that_never_had_a_number_cost_no_epoch) {
  transaction it = open_one(false);
  EXPECT_TRUE(it.begin_end(false));
  it.records_failed({error_code::operation_not_attempted, "the transaction is aborted"}, false);
  EXPECT_EQ(it.now(), aborting);
  EXPECT_FALSE(it.needs_new_epoch());
}

TEST(transaction, ends_nothing_at_a_coordinator_that_has_forgotten_the_producer) {
  transaction it = open_one(false);
  it.known();
  it.failed(transaction_step::end, {error_code::invalid_producer_id_mapping, "forgotten"});
  EXPECT_EQ(it.now(), must_abort);
  EXPECT_FALSE(it.has_to_end());
  EXPECT_TRUE(it.needs_new_epoch());
}

TEST(transaction, a_lost_producer_stays_lost) {
  transaction it = open_one(false);
  it.failed(transaction_step::end, {error_code::producer_fenced, "fenced"});
  EXPECT_EQ(it.begin_end(false).error().message, "the producer is lost: fenced");
  it.records_failed({error_code::request_timed_out, "late"}, true);
  EXPECT_EQ(it.now(), lost);
  EXPECT_EQ(it.begin().error().code, error_code::producer_fenced);
}

struct expected {
  transaction_step step;
  error_code code;
  transaction_verdict verdict;
};

// As Java's TransactionManager has them, and KIP-1050.
TEST(transaction, errors_are_asked_again_for_abort_or_lose_the_producer) {
  using enum transaction_step;
  using enum transaction_verdict;
  const expected table[] = {
      {init, error_code::coordinator_load_in_progress, ask_again},
      {init, error_code::concurrent_transactions, ask_again},
      {init, error_code::invalid_request, transaction_verdict::lost},
      {init, error_code::invalid_transaction_timeout, transaction_verdict::lost},
      {init, error_code::producer_fenced, transaction_verdict::lost},
      {produce, error_code::invalid_producer_epoch, transaction_verdict::must_abort},
      {produce, error_code::out_of_order_sequence_number, transaction_verdict::must_abort},
      {produce, error_code::request_timed_out, transaction_verdict::must_abort},
      {produce, error_code::transaction_abortable, transaction_verdict::must_abort},
      {produce, error_code::producer_fenced, transaction_verdict::lost},
      {produce, error_code::invalid_producer_id_mapping, transaction_verdict::lost},
      {add_partitions, error_code::not_coordinator, ask_again},
      {add_partitions, error_code::unknown_topic_or_partition, ask_again},
      {add_partitions, error_code::topic_authorization_failed, transaction_verdict::must_abort},
      {add_partitions, error_code::transaction_abortable, transaction_verdict::must_abort},
      {add_partitions, error_code::invalid_producer_id_mapping, transaction_verdict::must_abort},
      {add_partitions, error_code::invalid_producer_epoch, transaction_verdict::lost},
      {add_partitions, error_code::invalid_txn_state, transaction_verdict::lost},
      {add_offsets, error_code::group_authorization_failed, transaction_verdict::must_abort},
      {add_offsets, error_code::transactional_id_authorization_failed, transaction_verdict::lost},
      {commit_offsets, error_code::illegal_generation, transaction_verdict::must_abort},
      {commit_offsets, error_code::unknown_member_id, transaction_verdict::must_abort},
      {commit_offsets, error_code::fenced_instance_id, transaction_verdict::must_abort},
      {commit_offsets, error_code::unsupported_for_message_format, transaction_verdict::lost},
      {end, error_code::not_coordinator, ask_again},
      {end, error_code::network_exception, ask_again},
      {end, error_code::transaction_abortable, transaction_verdict::must_abort},
      {end, error_code::producer_fenced, transaction_verdict::lost},
      {end, error_code::invalid_producer_epoch, transaction_verdict::lost},
      {end, error_code::invalid_txn_state, transaction_verdict::lost},
      {end, error_code::unknown_server_error, transaction_verdict::lost},
  };
  for (const expected& each : table) {
    EXPECT_EQ(verdict_on(each.step, each.code), each.verdict)
        << error_name(each.code) << " at step " << static_cast<int>(each.step);
  }
}

}  // namespace
}  // namespace barnabas::client
