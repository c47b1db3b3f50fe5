#include "broker/fetch_session.h"

#include <gtest/gtest.h>

namespace barnabas::broker {
namespace {

using std::chrono::seconds;

fetch_partition at(std::int32_t partition, std::int64_t offset) {
  fetch_partition each;
  each.key = {{}, "t", partition};
  each.fetch_offset = offset;
  return each;
}

fetch_session_request asking(std::int32_t id, std::int32_t epoch,
                             const std::vector<fetch_partition>& partitions = {}) {
  fetch_session_request request;
  request.id = id;
  request.epoch = epoch;
  request.partitions.assign(partitions.begin(), partitions.end());
  return request;
}

std::vector<std::int32_t> order(fetch_context& context) {
  std::vector<std::int32_t> indexes;
  for (const fetch_partition& each : context.partitions()) {
    indexes.push_back(each.key.partition);
  }
  return indexes;
}

constexpr runtime::steady_time start{seconds(1000)};

TEST(fetch_session, a_session_remembers_its_partitions) {
  fetch_session_cache cache(10, seconds(120));
  auto first = cache.open(asking(0, 0, {at(0, 5), at(1, 6)}), start, 77);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->is_incremental);
  EXPECT_EQ(first->session_id(), 77);
  cache.release(*first);

  auto request = asking(77, 1, {at(1, 9), at(2, 0)});
  request.forgotten.push_back({{}, "t", 0});
  auto second = cache.open(request, start, 1);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->is_incremental);
  EXPECT_EQ(order(*second), (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(second->partitions().front().fetch_offset, 9);
}

TEST(fetch_session, a_partition_that_is_named_twice_is_read_once_from_where_it_was_said_last) {
  fetch_session_cache cache(10, seconds(120));
  for (const std::int32_t epoch : {-1, 0}) {
    auto context = cache.open(asking(0, epoch, {at(0, 5), at(1, 6), at(0, 7)}), start, 77);
    ASSERT_TRUE(context);
    EXPECT_EQ(order(*context), (std::vector<std::int32_t>{0, 1})) << epoch;
    EXPECT_EQ(context->partitions().front().fetch_offset, 7) << epoch;
  }
}

TEST(fetch_session, a_session_may_begin_without_partitions) {
  fetch_session_cache cache(10, seconds(120));
  auto first = cache.open(asking(0, 0), start, 77);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->session_id(), 77);
  cache.release(*first);
  auto second = cache.open(asking(77, 1, {at(1, 0)}), start, 1);
  ASSERT_TRUE(second);
  EXPECT_EQ(order(*second), (std::vector<std::int32_t>{1}));
}

TEST(fetch_session, what_is_asked_for_and_forgotten_is_read_without_a_session) {
  fetch_session_cache cache(10, seconds(120));
  auto first = cache.open(asking(0, 0, {at(0, 0)}), start, 77);
  ASSERT_TRUE(first);
  cache.release(*first);
  auto request = asking(77, 1, {at(0, 3)});
  request.forgotten.push_back({{}, "t", 0});
  auto last = cache.open(request, start, 1);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->session_id(), 0);
  EXPECT_EQ(order(*last), (std::vector<std::int32_t>{0}));
  EXPECT_EQ(last->partitions().front().fetch_offset, 3);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(fetch_session, partitions_that_had_records_are_served_last_next_time) {
  fetch_session_cache cache(10, seconds(120));
  auto first = cache.open(asking(0, 0, {at(0, 0), at(1, 0), at(2, 0)}), start, 5);
  ASSERT_TRUE(first);
  first->session->move_to_end(first->partitions().begin());
  cache.release(*first);
  auto second = cache.open(asking(5, 1), start, 1);
  ASSERT_TRUE(second);
  EXPECT_EQ(order(*second), (std::vector<std::int32_t>{1, 2, 0}));
}

TEST(fetch_session, refuses_unknown_ids_wrong_epochs_and_another_way_of_naming_topics) {
  fetch_session_cache cache(10, seconds(120));
  EXPECT_EQ(cache.open(asking(3, 1), start, 0).error().code,
            error_code::fetch_session_id_not_found);
  auto first = cache.open(asking(0, 0, {at(0, 0)}), start, 3);
  ASSERT_TRUE(first);
  EXPECT_EQ(cache.open(asking(3, 1), start, 0).error().code,
            error_code::invalid_fetch_session_epoch)
      << "in use";
  cache.release(*first);
  EXPECT_EQ(cache.open(asking(3, 2), start, 0).error().code,
            error_code::invalid_fetch_session_epoch);
  auto by_id = asking(3, 1);
  by_id.uses_topic_ids = true;
  EXPECT_EQ(cache.open(by_id, start, 0).error().code, error_code::fetch_session_topic_id_error);
  EXPECT_TRUE(cache.open(asking(3, 1), start, 0));
}

TEST(fetch_session, a_final_epoch_ends_the_session) {
  fetch_session_cache cache(10, seconds(120));
  auto first = cache.open(asking(0, 0, {at(0, 0)}), start, 3);
  cache.release(*first);
  auto last = cache.open(asking(3, -1, {at(0, 0)}), start, 4);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->session_id(), 0);
  EXPECT_EQ(order(*last), (std::vector<std::int32_t>{0}));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(fetch_session, a_full_cache_gives_up_only_sessions_that_were_long_unused) {
  fetch_session_cache cache(1, seconds(120));
  auto first = cache.open(asking(0, 0, {at(0, 0)}), start, 3);
  cache.release(*first);
  auto second = cache.open(asking(0, 0, {at(0, 0)}), start + seconds(60), 4);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->session_id(), 0) << "served without a session";
  auto third = cache.open(asking(0, 0, {at(0, 0)}), start + seconds(121), 5);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->session_id(), 5);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(fetch_session, a_session_moves_to_another_cache_with_its_id_and_epoch) {
  fetch_session_cache here(10, seconds(120));
  fetch_session_cache there(1, seconds(120));
  auto first = here.open(asking(0, 0, {at(0, 5)}), start, 77);
  ASSERT_TRUE(first);
  EXPECT_EQ(here.take(77), nullptr) << "a request uses it";
  here.release(*first);
  there.put(here.take(77), start);
  EXPECT_EQ(here.size(), 0U);
  EXPECT_EQ(here.take(77), nullptr);
  auto second = there.open(asking(77, 1), start, 1);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->partitions().front().fetch_offset, 5);
  auto other = here.open(asking(0, 0, {at(1, 0)}), start, 78);
  here.release(*other);
  there.put(here.take(78), start);
  EXPECT_EQ(there.size(), 1U) << "no room: it is forgotten";
}

}  // namespace
}  // namespace barnabas::broker
