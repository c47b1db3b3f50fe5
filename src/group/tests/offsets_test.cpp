// Committed offsets: OffsetCommit, OffsetFetch, OffsetDelete, DeleteGroups, transactions,
// retention.
#include <gmock/gmock.h>

#include "group/tests/scripted_group.h"

namespace barnabas::group {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t day_ms = 86'400'000;

TEST(commit, somebody_without_a_group_keeps_offsets_here) {
  scripted_group group;
  EXPECT_EQ(group.commit("t", 5, 42, {.metadata = "where I was"}), error_code::none);
  const auto found = group.fetch("t", 5);
  EXPECT_EQ(found.offset, 42);
  EXPECT_EQ(found.leader_epoch, 3);
  EXPECT_EQ(found.metadata, "where I was");
  EXPECT_EQ(group.fetch("t", 6).offset, -1);
  EXPECT_EQ(group.fetch("u", 5).offset, -1);
  EXPECT_EQ(group.fetch("t", 5, false, "others").offset, -1);
  EXPECT_EQ(group.list()[0].protocol_type, "");
}

TEST(commit, the_last_one_counts) {
  scripted_group group;
  group.commit("t", 0, 10, {.metadata = "old"});
  group.commit("t", 0, 7);
  EXPECT_EQ(group.fetch("t", 0).offset, 7);
  EXPECT_EQ(group.fetch("t", 0).metadata, "");
}

TEST(commit, strange_numbers_are_kept_as_they_are) {
  scripted_group group;
  EXPECT_EQ(group.commit("t", -3, -5), error_code::none);
  EXPECT_EQ(group.fetch("t", -3).offset, -5);
}

TEST(commit, only_members_of_the_generation_commit_for_a_group_that_has_some) {
  scripted_group group;
  EXPECT_EQ(group.commit("t", 0, 1, {.member_id = "m", .generation = 1}),
            error_code::group_id_not_found);
  const auto members = group.stable_group(1);
  const std::string id = members[0].member_id;
  EXPECT_EQ(group.commit("t", 0, 1, {.member_id = id, .generation = 1}), error_code::none);
  EXPECT_EQ(group.commit("t", 0, 2, {.member_id = id, .generation = 0}),
            error_code::illegal_generation);
  EXPECT_EQ(group.commit("t", 0, 2, {.member_id = id, .generation = 2}),
            error_code::illegal_generation);
  EXPECT_EQ(group.commit("t", 0, 2, {.member_id = "stranger", .generation = 1}),
            error_code::unknown_member_id);
  EXPECT_EQ(group.commit("t", 0, 2), error_code::unknown_member_id);
  EXPECT_EQ(group.fetch("t", 0).offset, 1);
  group.leave({{id, {}}});
  EXPECT_EQ(group.commit("t", 0, 3, {.member_id = id, .generation = 1}),
            error_code::unknown_member_id);
  EXPECT_EQ(group.commit("t", 0, 3), error_code::none);
}

TEST(commit, goes_on_while_members_join_but_not_before_they_are_assigned) {
  scripted_group group;
  const auto members = group.stable_group(2);
  const std::string id = members[1].member_id;
  group.join({.member_id = members[0].member_id, .protocols = {{"range", "n"}}});
  EXPECT_EQ(group.commit("t", 0, 1, {.member_id = id, .generation = 1}), error_code::none);
  group.join({.member_id = id});
  EXPECT_EQ(group.commit("t", 0, 2, {.member_id = id, .generation = 2}),
            error_code::rebalance_in_progress);
}

TEST(commit, metadata_has_a_limit) {
  scripted_group group;
  EXPECT_EQ(group.commit("t", 0, 1, {.metadata = std::string(4'096, 'x')}), error_code::none);
  EXPECT_EQ(group.commit("t", 0, 2, {.metadata = std::string(4'097, 'x')}),
            error_code::offset_metadata_too_large);
  EXPECT_EQ(group.fetch("t", 0).offset, 1);
  // Java's characters count: one of these, two of those.
  const auto repeated = [](std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) {
      all += text;
    }
    return all;
  };
  EXPECT_EQ(group.commit("t", 0, 3, {.metadata = repeated("\u00fc", 4'096)}), error_code::none);
  EXPECT_EQ(group.commit("t", 0, 4, {.metadata = repeated("\U0001F600", 2'048)}), error_code::none);
  EXPECT_EQ(group.commit("t", 0, 5, {.metadata = repeated("\U0001F600", 2'049)}),
            error_code::offset_metadata_too_large);
}

TEST(fetch, all_of_a_group) {
  scripted_group group;
  for (const std::int32_t partition : {3, 1, 2}) {
    group.commit("b", partition, partition * 10);
  }
  group.commit("a", 0, 1);
  const auto all = group.fetch_all();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "a");
  ASSERT_EQ(all[1].partitions.size(), 3U);
  EXPECT_EQ(all[1].partitions[2].offset, 30);
  EXPECT_THAT(group.fetch_all("nobody"), IsEmpty());
}

TEST(delete_offsets, of_topics_that_no_member_reads) {
  scripted_group group;
  EXPECT_EQ(group.delete_offsets("t", {0}).error, error_code::group_id_not_found);
  // ConsumerProtocolSubscription 0: one topic "t", no user data.
  const std::string subscription("\0\0\0\0\0\1\0\1t\xff\xff\xff\xff", 13);
  const auto members = group.stable_group(1, {.protocols = {{"range", subscription}}});
  const scripted_group::commit_as as{.member_id = members[0].member_id, .generation = 1};
  group.commit("t", 0, 1, as);
  group.commit("u", 0, 1, as);
  EXPECT_THAT(group.delete_offsets("t", {0}).partitions,
              ElementsAre(error_code::group_subscribed_to_topic));
  EXPECT_THAT(group.delete_offsets("u", {0, 1}).partitions,
              ElementsAre(error_code::none, error_code::none));
  EXPECT_EQ(group.fetch("t", 0).offset, 1);
  EXPECT_EQ(group.fetch("u", 0).offset, -1);
  group.leave({{members[0].member_id, {}}});
  group.delete_offsets("t", {0});
  EXPECT_EQ(group.fetch("t", 0).offset, -1);
}

TEST(delete_offsets, of_members_whose_topics_nobody_knows_is_refused) {
  scripted_group group;
  const auto joined = group.join_new({.protocol_type = "connect"});
  group.pass_ms(0);
  group.sync(*joined);
  EXPECT_EQ(group.delete_offsets("t", {0}).error, error_code::non_empty_group);
}

TEST(delete_group, with_everything_it_has) {
  scripted_group group;
  EXPECT_EQ(group.delete_group().error, error_code::group_id_not_found);
  const auto members = group.stable_group(1);
  group.commit("t", 0, 1, {.member_id = members[0].member_id, .generation = 1});
  EXPECT_EQ(group.delete_group().error, error_code::non_empty_group);
  group.leave({{members[0].member_id, {}}});
  EXPECT_EQ(group.delete_group().error, error_code::none);
  EXPECT_THAT(group.list(), IsEmpty());
  group.restart();
  EXPECT_THAT(group.list(), IsEmpty());
  EXPECT_EQ(group.fetch("t", 0).offset, -1);
}

TEST(delete_group, one_that_only_has_offsets_and_one_that_has_nothing) {
  scripted_group group;
  group.commit("t", 0, 1);
  EXPECT_EQ(group.delete_group().error, error_code::none);
  EXPECT_THAT(group.list(), IsEmpty());
  group.new_id();
  EXPECT_EQ(group.delete_group().error, error_code::none);
  EXPECT_THAT(group.list(), IsEmpty());
}

TEST(delete_group, a_large_one_goes_batch_by_batch) {
  settings limits;
  limits.max_batch_bytes = 2'000;
  scripted_group group(limits);
  for (int i = 0; i < 100; ++i) {
    group.commit("topic", i, i);
  }
  int calls = 1;
  while (group.delete_group().has_more) {
    ++calls;
  }
  EXPECT_GT(calls, 2);
  EXPECT_THAT(group.list(), IsEmpty());
}

TEST(describe, shows_members_and_parts_of_a_stable_group) {
  scripted_group group;
  EXPECT_EQ(group.describe().state, group_state::dead);
  const auto members = group.stable_group(2);
  const auto described = group.describe();
  EXPECT_EQ(described.protocol_name, "range");
  EXPECT_EQ(described.members[0].client_id, "client");
  EXPECT_EQ(described.members[0].client_host, "/127.0.0.1");
  EXPECT_EQ(as_text(described.members[1].assignment.view()), members[1].member_id);
  EXPECT_EQ(as_text(described.members[1].metadata.view()), "topics");
  group.join({.member_id = members[0].leader});
  EXPECT_TRUE(group.describe().members[0].assignment.empty());
  EXPECT_EQ(group.describe().protocol_name, "");
}

// Of a transaction, as found in the log.
coordinator::new_record transactional(std::int64_t offset) {
  committed_offset commit;
  commit.offset = offset;
  commit.commit_wall_ms = 1'700'000'000'000;
  return offset_record("readers", "t", commit);
}

TEST(transactions, an_offset_counts_when_its_transaction_commits) {
  scripted_group group;
  group.commit("t", 0, 1);
  group.write(transactional(10), 7);
  EXPECT_EQ(group.fetch("t", 0).offset, 1);
  EXPECT_EQ(group.fetch("t", 0, true).error, error_code::unstable_offset_commit);
  EXPECT_EQ(group.fetch("t", 1, true).error, error_code::none);
  group.write_marker(7, true);
  EXPECT_EQ(group.fetch("t", 0, true).offset, 10);
  group.restart();
  EXPECT_EQ(group.fetch("t", 0).offset, 10);
}

TEST(transactions, an_aborted_one_leaves_nothing) {
  scripted_group group;
  group.write(transactional(10), 7);
  group.write_marker(8, true);
  EXPECT_EQ(group.fetch("t", 0, true).error, error_code::unstable_offset_commit);
  group.write_marker(7, false);
  EXPECT_EQ(group.fetch("t", 0, true).offset, -1);
  EXPECT_THAT(group.list(), IsEmpty());
}

TEST(transactions, a_later_commit_wins_over_an_earlier_one_of_a_transaction) {
  scripted_group group;
  group.write(transactional(10), 7);
  group.commit("t", 0, 20);
  group.write_marker(7, true);
  EXPECT_EQ(group.fetch("t", 0).offset, 20);
}

TEST(retention, offsets_of_an_empty_group_go_a_week_after_it_became_empty) {
  scripted_group group;
  const auto members = group.stable_group(1, {.session_timeout_ms = 1'800'000});
  group.commit("t", 0, 1, {.member_id = members[0].member_id, .generation = 1});
  group.leave({{members[0].member_id, {}}});
  group.pass_ms(7 * day_ms - 600'000);
  EXPECT_EQ(group.fetch("t", 0).offset, 1);
  group.pass_ms(1'200'000);
  EXPECT_EQ(group.fetch("t", 0).offset, -1);
  group.pass_ms(600'000);
  EXPECT_THAT(group.list(), IsEmpty());
  group.restart();
  EXPECT_THAT(group.list(), IsEmpty());
}

TEST(retention, the_time_of_an_empty_group_goes_on_over_a_restart) {
  scripted_group group;
  const auto members = group.stable_group(1);
  group.commit("t", 0, 1, {.member_id = members[0].member_id, .generation = 1});
  group.leave({{members[0].member_id, {}}});
  group.pass_ms(6 * day_ms);
  group.restart();
  EXPECT_EQ(group.fetch("t", 0).offset, 1);
  group.pass_ms(day_ms + 600'000);
  EXPECT_EQ(group.fetch("t", 0).offset, -1);
}

TEST(retention, offsets_without_a_group_go_a_week_after_their_commit) {
  scripted_group group;
  group.commit("t", 0, 1);
  group.pass_ms(4 * day_ms);
  group.commit("t", 1, 1);
  group.pass_ms(3 * day_ms + 600'000);
  EXPECT_EQ(group.fetch("t", 0).offset, -1);
  EXPECT_EQ(group.fetch("t", 1).offset, 1);
  group.pass_ms(4 * day_ms);
  EXPECT_THAT(group.list(), IsEmpty());
}

TEST(retention, a_group_at_work_loses_only_topics_that_it_does_not_read) {
  scripted_group group;
  const std::string subscription("\0\0\0\0\0\1\0\1t\xff\xff\xff\xff", 13);
  const auto members = group.stable_group(
      1, {.protocols = {{"range", subscription}}, .session_timeout_ms = 1'800'000});
  const scripted_group::commit_as as{.member_id = members[0].member_id, .generation = 1};
  group.commit("t", 0, 1, as);
  group.commit("u", 0, 1, as);
  for (int i = 0; i < 8 * 72; ++i) {
    group.pass_ms(day_ms / 72);
    ASSERT_EQ(group.heartbeat(as.member_id, 1), error_code::none);
  }
  EXPECT_EQ(group.fetch("t", 0).offset, 1);
  EXPECT_EQ(group.fetch("u", 0).offset, -1);
}

TEST(retention, a_commit_may_bring_its_own) {
  scripted_group group;
  group.commit("t", 0, 1, {.retention_time_ms = 3'600'000});
  group.commit("t", 1, 1, {.retention_time_ms = 30 * day_ms});
  group.restart();
  group.pass_ms(3'000'000);
  EXPECT_EQ(group.fetch("t", 0).offset, 1);
  group.pass_ms(1'200'000);
  EXPECT_EQ(group.fetch("t", 0).offset, -1);
  group.pass_ms(29 * day_ms);
  EXPECT_EQ(group.fetch("t", 1).offset, 1);
}

TEST(retention, many_old_offsets_go_in_many_small_batches) {
  settings limits;
  limits.max_batch_bytes = 2'000;
  scripted_group group(limits);
  for (int i = 0; i < 1'000; ++i) {
    group.commit("topic", i % 10, i, {.group = "group" + std::to_string(i / 10)});
  }
  group.pass_ms(8 * day_ms);
  EXPECT_THAT(group.list(), IsEmpty());
  EXPECT_LT(group.largest_call, 50U);
}

TEST(deleted_topics, lose_their_offsets_in_every_group) {
  scripted_group group;
  group.commit("t", 0, 1);
  group.commit("u", 0, 2);
  group.commit("t", 3, 1, {.group = "others"});
  group.topics_deleted({"t"});
  group.commit("v", 0, 3);
  group.pass_ms(0);
  EXPECT_EQ(group.fetch("t", 0).offset, -1);
  EXPECT_EQ(group.fetch("u", 0).offset, 2);
  EXPECT_THAT(group.fetch_all("others"), IsEmpty());
  EXPECT_EQ(group.list().size(), 1U);
  group.now.wall_ms += 1;
  group.commit("t", 0, 9);
  group.pass_ms(day_ms);
  EXPECT_EQ(group.fetch("t", 0).offset, 9) << "a new topic of that name";
}

}  // namespace
}  // namespace barnabas::group
