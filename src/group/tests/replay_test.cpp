// Loading: what a machine knows after the records of another, and what it makes of strange ones.
#include <gmock/gmock.h>

#include "base/endian.h"
#include "group/tests/scripted_group.h"

namespace barnabas::group {
namespace {

using testing::HasSubstr;

std::string with_version(std::int16_t version, std::string_view rest) {
  std::string bytes(2, '\0');
  store_big_endian(reinterpret_cast<std::byte*>(bytes.data()), version);
  return bytes.append(rest);
}

TEST(replay, a_machine_that_was_loaded_answers_the_same) {
  scripted_group group;
  const auto members = group.stable_group(3);
  for (int i = 0; i < 50; ++i) {
    group.commit(
        "t" + std::to_string(i % 7), i, i,
        {.member_id = members[0].member_id, .generation = 1, .metadata = std::to_string(i)});
  }
  group.commit("alone", 1, 2, {.group = "simple"});
  const auto before = group.describe();
  const auto offsets = group.fetch_all();
  group.restart();
  const auto after = group.describe();
  EXPECT_EQ(after.state, group_state::stable);
  EXPECT_EQ(after.protocol_name, before.protocol_name);
  ASSERT_EQ(after.members.size(), before.members.size());
  for (std::size_t i = 0; i < before.members.size(); ++i) {
    EXPECT_EQ(after.members[i].id, before.members[i].id);
    EXPECT_EQ(after.members[i].client_host, before.members[i].client_host);
    EXPECT_EQ(as_text(after.members[i].metadata.view()),
              as_text(before.members[i].metadata.view()));
    EXPECT_EQ(as_text(after.members[i].assignment.view()),
              as_text(before.members[i].assignment.view()));
  }
  const auto again = group.fetch_all();
  ASSERT_EQ(again.size(), offsets.size());
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    ASSERT_EQ(again[i].partitions.size(), offsets[i].partitions.size());
    for (std::size_t k = 0; k < offsets[i].partitions.size(); ++k) {
      EXPECT_EQ(again[i].partitions[k].offset, offsets[i].partitions[k].offset);
      EXPECT_EQ(again[i].partitions[k].metadata, offsets[i].partitions[k].metadata);
      EXPECT_EQ(again[i].partitions[k].leader_epoch, offsets[i].partitions[k].leader_epoch);
    }
  }
  EXPECT_EQ(group.list().size(), 2U);
}

TEST(replay, members_go_on_after_a_restart_and_the_silent_ones_are_removed) {
  scripted_group group;
  const auto members = group.stable_group(2);
  group.pass_ms(9'000);
  group.restart();
  group.pass_ms(9'000);
  EXPECT_EQ(group.heartbeat(members[0].member_id, 1), error_code::none);
  EXPECT_EQ(as_text(group.sync(members[0])->assignment.view()), members[0].member_id);
  group.pass_ms(1'000);
  EXPECT_EQ(group.heartbeat(members[0].member_id, 1), error_code::rebalance_in_progress);
}

TEST(replay, a_generation_without_an_assignment_is_lost_with_the_machine) {
  scripted_group group;
  const auto joined = group.join_new();
  group.pass_ms(0);
  const auto waiting = group.join_new();
  group.restart();
  EXPECT_TRUE(waiting.is_refused());
  EXPECT_EQ(waiting.refusal(), error_code::not_coordinator);
  EXPECT_EQ(group.sync(*joined)->error, error_code::unknown_member_id);
}

TEST(replay, a_loaded_group_changes_its_protocol_when_all_offer_another) {
  scripted_group group;
  const auto members = group.stable_group(1);
  group.restart();
  const auto both = group.join(
      {.member_id = members[0].member_id, .protocols = {{"sticky", "s"}, {"range", "topics"}}});
  EXPECT_EQ(both->protocol_name, "sticky");
}

TEST(replay, records_are_those_of_kafka_3_9) {
  scripted_group group;
  group.commit("t", 1, 42, {.metadata = "m"});
  ASSERT_EQ(group.log().size(), 1U);
  const auto& record = group.log()[0].record;
  EXPECT_EQ(record.key, std::string("\0\1\0\7readers\0\1t\0\0\0\1", 18));
  ASSERT_EQ(record.value->size(), 2U + 8 + 4 + 2 + 1 + 8);
  EXPECT_EQ(record.value->substr(0, 17), std::string("\0\3\0\0\0\0\0\0\0\x2a\0\0\0\3\0\1m", 17));
  group.commit("t", 1, 42, {.retention_time_ms = 1});
  EXPECT_EQ(group.log()[1].record.value->substr(0, 2), std::string("\0\1", 2));
  group.stable_group(1);
  const auto& of_group = group.log()[2].record;
  EXPECT_EQ(of_group.key, std::string("\0\2\0\7readers", 11));
  EXPECT_EQ(of_group.value->substr(0, 2), std::string("\0\3", 2));
}

TEST(replay, an_older_group_record_has_its_session_timeout_for_rebalances) {
  scripted_group group;
  // GroupMetadataValue 0: "consumer", generation 4, "range", leader "m", one member.
  const std::string value =
      with_version(0, std::string("\0\10consumer\0\0\0\4\0\5range\0\1m\0\0\0\1"
                                  "\0\1m\0\1c\0\2/h\0\0\x27\x10\0\0\0\1s\0\0\0\1a",
                                  52));
  group.write({with_version(2, std::string("\0\7readers", 9)), value});
  group.restart();
  EXPECT_EQ(group.heartbeat("m", 4), error_code::none);
  EXPECT_EQ(as_text(group.describe().members.at(0).assignment.view()), "a");
  const auto waiting = group.join_new({.rebalance_timeout_ms = 1'000});
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(waiting.is_there());
    group.pass_ms(5'000);
    group.heartbeat("m", 4);
  }
  EXPECT_TRUE(waiting.is_there()) << "10 s";
}

TEST(replay, other_kinds_of_groups_are_named_once_and_left_out) {
  scripted_group group;
  const auto refused = group.replay({with_version(3, "anything"), "x"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("version 3"));
  EXPECT_TRUE(group.replay({with_version(3, "more"), "x"}));
  EXPECT_FALSE(group.replay({with_version(8, "more"), std::nullopt}));
}

TEST(replay, what_cannot_be_read_is_an_error) {
  scripted_group group;
  EXPECT_FALSE(group.replay({"", "x"}));
  EXPECT_FALSE(group.replay({"\1", "x"}));
  EXPECT_FALSE(group.replay({with_version(-1, "abc"), "x"}));
  EXPECT_FALSE(group.replay({with_version(1, std::string("\0\7reade", 7)), "x"}));
  const std::string key = with_version(1, std::string("\0\1g\0\1t\0\0\0\0", 10));
  EXPECT_FALSE(group.replay({key, ""}));
  EXPECT_FALSE(group.replay({key, with_version(9, "0123456789012345678901234567890123456789")}));
  EXPECT_FALSE(group.replay({key, with_version(3, "short")}));
  EXPECT_TRUE(group.list().empty());
  EXPECT_TRUE(group.replay({key, std::nullopt})) << "a tombstone of what is not there";
}

TEST(replay, a_record_without_some_members_or_with_others_wins) {
  scripted_group group;
  const auto members = group.stable_group(2);
  const auto first = group.log().back().record;
  group.leave({{members[0].member_id, {}}, {members[1].member_id, {}}});
  EXPECT_EQ(group.describe().state, group_state::empty);
  group.write(first);
  group.restart();
  EXPECT_EQ(group.describe().state, group_state::stable);
  EXPECT_EQ(group.describe().members.size(), 2U);
}

// Their durations are printed by the test program; what grows faster than its input is seen there.
TEST(scale, two_thousand_members_join_one_group) {
  scripted_group group;
  group.stable_group(2'000);
  EXPECT_EQ(group.describe().members.size(), 2'000U);
  EXPECT_EQ(group.describe().state, group_state::stable);
}

TEST(scale, heartbeats_do_not_move_the_deadlines_of_their_group) {
  scripted_group group;
  const auto members = group.stable_group(1'000);
  const auto deadline = group.under_test().next_deadline_ms();
  group.pass_ms(3'000);
  for (const auto& each : members) {
    EXPECT_EQ(group.heartbeat(each.member_id, 1), error_code::none);
  }
  EXPECT_EQ(group.under_test().next_deadline_ms(), deadline);
  group.pass_ms(9'000);
  EXPECT_GT(group.under_test().next_deadline_ms(), deadline);
  EXPECT_EQ(group.describe().members.size(), 1'000U);
}

TEST(scale, a_hundred_thousand_offsets_are_committed_and_loaded) {
  scripted_group group;
  for (int i = 0; i < 100'000; ++i) {
    group.commit("topic" + std::to_string(i / 20 % 5), i % 20, i,
                 {.group = "group" + std::to_string(i / 100)});
  }
  group.restart();
  EXPECT_EQ(group.list().size(), 1'000U);
  EXPECT_EQ(group.fetch("topic4", 19, false, "group999").offset, 99'999);
}

}  // namespace
}  // namespace barnabas::group
