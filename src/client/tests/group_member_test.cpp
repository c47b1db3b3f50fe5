#include "scripted_group.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;
using protocol::api_key;

using enum rebalance_notice::kind;

TEST(group_member, joins_with_the_id_that_it_is_given_gets_partitions_and_leaves) {
  scripted_group group;
  const auto got = lived(group, poll_a_while);
  EXPECT_EQ(group.asked_times[api_key::join_group], 2);
  EXPECT_EQ(group.topics, std::vector<std::string>{"t"});
  EXPECT_EQ(group.assigned, (std::vector<topic_partition>{{"t", 0}}));
  ASSERT_EQ(got.notices.size(), 1U);
  EXPECT_EQ(got.notices[0].what, assigned);
  EXPECT_EQ(got.notices[0].partitions, group.assigned);
  EXPECT_GE(group.asked_times[api_key::heartbeat], 2);
  EXPECT_LE(group.asked_times[api_key::heartbeat], 4);
  EXPECT_EQ(group.left.size(), 1U);
}

TEST(group_member, a_static_member_goes_without_leaving) {
  scripted_group group;
  lived(group, poll_a_while, {{"group.instance.id", "first"}});
  EXPECT_EQ(group.instance_id, "first");
  EXPECT_TRUE(group.left.empty());
}

TEST(group_member, does_not_join_before_it_is_polled) {
  scripted_group group;
  lived(group, [](consumer_core&, heard&) { return runtime::sleep_for(5s); });
  EXPECT_EQ(group.asked_times[api_key::join_group], 0);
}

TEST(group_member, revokes_before_it_joins_again_when_a_rebalance_is_announced) {
  scripted_group group;
  group.errors[api_key::heartbeat] = {error_code::rebalance_in_progress};
  const auto got = lived(group, poll_a_while);
  EXPECT_EQ(group.generation, 2);
  ASSERT_EQ(got.notices.size(), 3U);
  EXPECT_EQ(got.notices[1].what, revoked);
  EXPECT_EQ(got.notices[2].what, assigned);
}

TEST(group_member, keeps_its_partitions_while_it_joins_cooperatively) {
  scripted_group group;
  group.errors[api_key::heartbeat] = {error_code::rebalance_in_progress};
  const auto got =
      lived(group, poll_a_while, {{"partition.assignment.strategy", "cooperative-sticky"}});
  EXPECT_EQ(group.generation, 2);
  EXPECT_EQ(got.count(revoked) + got.count(lost), 0U);
  EXPECT_EQ(got.count(assigned), 2U);
  EXPECT_TRUE(got.notices.back().partitions.empty());
}

TEST(group_member, loses_its_partitions_when_the_coordinator_does_not_know_it) {
  for (const auto code : {error_code::unknown_member_id, error_code::illegal_generation}) {
    scripted_group group;
    group.errors[api_key::heartbeat] = {code};
    const auto got = lived(group, poll_a_while);
    EXPECT_EQ(got.count(lost), 1U) << error_name(code);
    EXPECT_EQ(got.count(revoked), 0U) << error_name(code);
    EXPECT_EQ(got.count(assigned), 2U) << error_name(code);
  }
}

TEST(group_member, a_fenced_instance_says_so_and_does_not_come_back) {
  scripted_group group;
  group.errors[api_key::heartbeat] = {error_code::fenced_instance_id};
  const auto got = lived(group, poll_a_while, {{"group.instance.id", "first"}});
  ASSERT_EQ(got.count(trouble), 1U);
  EXPECT_EQ(got.notices.back().why.code, error_code::fenced_instance_id);
  EXPECT_EQ(group.generation, 1);
}

TEST(group_member, goes_on_after_every_error_of_every_call_and_reports_what_does_not_pass) {
  for (const auto key : {api_key::find_coordinator, api_key::join_group, api_key::sync_group}) {
    for (int number = -1; number < 134; ++number) {
      const auto code = static_cast<error_code>(number);
      if (code == error_code::none || error_name(code) == "UNKNOWN") {
        continue;
      }
      scripted_group group;
      group.errors[key] = {code};
      const auto got = lived(group, poll_a_while);
      const auto what = std::string(error_name(code)) + " of " + std::to_string(int(key));
      const bool is_fatal = code == error_code::fenced_instance_id;
      EXPECT_EQ(got.count(assigned), is_fatal ? 0U : 1U) << what;
      const bool passes = is_retriable(code) || code == error_code::unknown_member_id ||
                          code == error_code::illegal_generation ||
                          code == error_code::rebalance_in_progress ||
                          (code == error_code::member_id_required && key == api_key::join_group);
      EXPECT_EQ(got.count(trouble), passes ? 0U : 1U) << what;
    }
  }
}

TEST(group_member, leaves_when_it_is_not_polled_and_comes_back_with_the_next_poll) {
  scripted_group group;
  const auto got = lived(group,
                         [](consumer_core& consumer, heard& into) -> task<> {
                           co_await poll_for(consumer, 2s, into);
                           co_await runtime::sleep_for(6s);
                           co_await poll_for(consumer, 2s, into);
                         },
                         {{"max.poll.interval.ms", "4000"}});
  ASSERT_EQ(group.left.size(), 2U);
  EXPECT_EQ(group.left[0], "it was not polled for max.poll.interval.ms");
  ASSERT_EQ(got.notices.size(), 3U);
  EXPECT_EQ(got.notices[1].what, lost);
  EXPECT_EQ(got.notices[2].what, assigned);
}

// How often it lost its partitions in 15 s without an answer to a heartbeat.
std::size_t lost_in_silence(const setting_map& settings) {
  scripted_group group;
  bool is_silent = false;
  heard got;
  rpc::scripted_world world(cluster_of_one([&](const asked& question) {
    return is_silent && question.key == api_key::heartbeat ? reply{} : group.answer(question);
  }));
  const member_story story = [&](consumer_core& consumer, heard& into) -> task<> {
    co_await poll_for(consumer, 5s, into);
    EXPECT_EQ(into.count(lost), 0U);
    is_silent = true;
    co_await poll_for(consumer, 15s, into);
  };
  world.run([&](runtime::world& w) { return live(w, settings, story, got); });
  return got.count(lost);
}

TEST(group_member, gives_up_its_partitions_when_the_coordinator_may_have_given_them_to_others) {
  EXPECT_EQ(lost_in_silence({{"session.timeout.ms", "10000"}}), 1U);
  // A rebalance waits no longer for a member; so heartbeats come more often than every 3 s.
  EXPECT_GE(lost_in_silence({{"max.poll.interval.ms", "2000"}}), 1U);
}

TEST(group_offsets, positions_begin_where_the_group_has_committed) {
  scripted_group group;
  group.committed = 42;
  std::int64_t position = -1;
  lived(group, [&](consumer_core& consumer, heard& into) -> task<> {
    co_await poll_for(consumer, 2s, into);
    position = consumer.fetching().position({"t", 0}).value();
  });
  EXPECT_EQ(position, 42);
}

TEST(group_offsets, a_place_to_begin_is_known_and_committed_before_there_are_records) {
  scripted_group group;
  std::int64_t position = -1;
  lived(group, [&](consumer_core& consumer, heard& into) -> task<> {
    co_await poll_for(consumer, 2s, into);
    position = consumer.fetching().position({"t", 0}).value();
  });
  EXPECT_EQ(position, 0);
  EXPECT_EQ(group.commits, (std::vector<std::int64_t>{0}));
}

TEST(group_offsets, a_commit_is_tried_again_while_that_helps_and_keeps_its_turn) {
  scripted_group group;
  group.errors[api_key::offset_commit] = {error_code::coordinator_load_in_progress,
                                          error_code::not_coordinator};
  std::vector<bool> done;
  lived(group,
        [&](consumer_core& consumer, heard& into) -> task<> {
          co_await poll_for(consumer, 2s, into);
          for (const std::int64_t offset : {5, 6, 7}) {
            consumer.commit_soon({{{"t", 0}, {.offset = offset}}},
                                 [&](const result<>& it) { done.push_back(it.has_value()); });
          }
          co_await poll_for(consumer, 2s, into);
        },
        {{"enable.auto.commit", "false"}});
  EXPECT_EQ(done, (std::vector<bool>{true, true, true}));
  EXPECT_EQ(group.commits, (std::vector<std::int64_t>{5, 6, 7}));
}

TEST(group_offsets, a_refused_commit_names_the_partition_and_the_reason) {
  scripted_group group;
  group.errors[api_key::offset_commit] = {error_code::illegal_generation};
  result<> done;
  lived(group, [&](consumer_core& consumer, heard& into) -> task<> {
    co_await poll_for(consumer, 2s, into);
    done =
        co_await consumer.commit({{{"t", 0}, {.offset = 5}}}, runtime::shard::current().now() + 2s);
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "the committed offset of t-0: ILLEGAL_GENERATION");
}

TEST(position_check, goes_on_where_it_was_when_the_log_still_has_it) {
  scripted_group group{.committed = 42, .epoch_end = 50};
  group.errors[api_key::offset_for_leader_epoch] = {error_code::fenced_leader_epoch};
  lived(group, poll_a_while);
  EXPECT_EQ(group.asked_times[api_key::offset_for_leader_epoch], 2);
  EXPECT_EQ(group.fetched_at, 42);
}

TEST(position_check, goes_back_to_where_the_log_was_truncated) {
  scripted_group group{.committed = 42, .epoch_end = 30};
  lived(group, poll_a_while);
  EXPECT_EQ(group.fetched_at, 30);
}

TEST(position_check, says_what_was_truncated_when_there_is_no_reset) {
  scripted_group group{.committed = 42, .epoch_end = 30};
  std::optional<fetched_piece> piece;
  lived(group,
        [&](consumer_core& consumer, heard& into) -> task<> {
          co_await poll_for(consumer, 3s, into);
          piece = consumer.queue().take();
        },
        {{"auto.offset.reset", "none"}});
  EXPECT_EQ(group.fetched_at, -1);
  ASSERT_TRUE(piece.has_value());
  EXPECT_EQ(piece->trouble.error().message,
            "t-0 was truncated: offset 42 was reached in leader epoch 2, of which the log now ends "
            "at 30; auto.offset.reset says none, seek to go on");
}

}  // namespace
}  // namespace barnabas::client
