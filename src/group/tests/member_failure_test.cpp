// Members that die, in every state of their group, and static members that come back.
#include <gmock/gmock.h>

#include "group/tests/scripted_group.h"

namespace barnabas::group {
namespace {

using testing::ElementsAre;

TEST(session, a_silent_member_of_a_stable_group_is_removed) {
  scripted_group group;
  const auto members = group.stable_group(2);
  group.pass_ms(9'000);
  EXPECT_EQ(group.heartbeat(members[0].member_id, 1), error_code::none);
  group.pass_ms(1'000);
  EXPECT_EQ(group.heartbeat(members[0].member_id, 1), error_code::rebalance_in_progress);
  EXPECT_EQ(group.heartbeat(members[1].member_id, 1), error_code::unknown_member_id);
  const auto alone = group.join({.member_id = members[0].member_id});
  ASSERT_TRUE(alone.is_there());
  EXPECT_EQ(alone->generation, 2);
}

TEST(session, commits_and_heartbeats_keep_a_member_alive) {
  scripted_group group;
  const auto members = group.stable_group(1);
  for (int i = 0; i < 10; ++i) {
    group.pass_ms(9'000);
    if (i % 2 == 0) {
      EXPECT_EQ(group.heartbeat(members[0].member_id, 1), error_code::none);
    } else {
      EXPECT_EQ(group.commit("t", 0, i, {.member_id = members[0].member_id, .generation = 1}),
                error_code::none);
    }
  }
  group.pass_ms(10'000);
  EXPECT_EQ(group.describe().state, group_state::empty);
}

TEST(session, a_member_that_dies_while_a_rebalance_waits_for_it_is_not_waited_for) {
  scripted_group group;
  const auto members = group.stable_group(2);
  const auto& dead = members[1];
  const auto again = group.join({.member_id = members[0].member_id, .protocols = {{"range", "n"}}});
  EXPECT_FALSE(again.is_there());
  group.pass_ms(10'000);
  ASSERT_TRUE(again.is_there()) << "its session ends before the rebalance timeout";
  EXPECT_EQ(again->generation, 2);
  EXPECT_EQ(again->leader, members[0].member_id);
  EXPECT_EQ(group.heartbeat(dead.member_id, 1), error_code::unknown_member_id);
}

TEST(session, a_member_that_lives_but_does_not_join_is_removed_at_the_rebalance_timeout) {
  scripted_group group;
  const auto members = group.stable_group(2, {.rebalance_timeout_ms = 15'000});
  const auto again = group.join({.member_id = members[0].member_id,
                                 .protocols = {{"range", "n"}},
                                 .rebalance_timeout_ms = 15'000});
  group.pass_ms(8'000);
  EXPECT_EQ(group.heartbeat(members[1].member_id, 1), error_code::rebalance_in_progress);
  group.pass_ms(6'999);
  EXPECT_FALSE(again.is_there());
  group.pass_ms(1);
  ASSERT_TRUE(again.is_there());
  EXPECT_EQ(group.describe().members.size(), 1U);
}

TEST(session, who_waits_for_others_to_join_need_not_send_heartbeats) {
  scripted_group group;
  const auto members = group.stable_group(2);
  const auto again = group.join({.member_id = members[0].member_id, .protocols = {{"range", "n"}}});
  for (int i = 0; i < 5; ++i) {
    group.pass_ms(9'000);
    EXPECT_EQ(group.heartbeat(members[1].member_id, 1), error_code::rebalance_in_progress);
  }
  EXPECT_FALSE(again.is_there());
  group.join({.member_id = members[1].member_id});
  ASSERT_TRUE(again.is_there());
  EXPECT_EQ(again->error, error_code::none);
}

TEST(session, a_new_member_that_waits_is_given_up_after_five_minutes) {
  scripted_group group;
  const auto members = group.stable_group(1, {.rebalance_timeout_ms = 1'000'000});
  const auto waiting = group.join_new();
  for (int i = 0; i < 40; ++i) {
    EXPECT_FALSE(waiting.is_there());
    group.pass_ms(7'500);
    group.heartbeat(members[0].member_id, 1);
  }
  ASSERT_TRUE(waiting.is_there());
  EXPECT_EQ(waiting->error, error_code::unknown_member_id);
  EXPECT_EQ(group.describe().members.size(), 1U);
}

TEST(session, the_leader_dies_before_it_assigns) {
  scripted_group group;
  const auto one = group.new_id();
  const auto other = group.new_id();
  group.join({.member_id = one});
  const auto follower = group.join({.member_id = other});
  group.pass_ms(0);
  const auto waiting = group.sync(*follower);
  group.pass_ms(10'000);
  ASSERT_TRUE(waiting.is_there());
  EXPECT_EQ(waiting->error, error_code::rebalance_in_progress);
  const auto again = group.join({.member_id = other});
  ASSERT_TRUE(again.is_there());
  EXPECT_EQ(again->leader, other);
}

TEST(session, a_leader_that_lives_but_never_assigns_is_removed_at_the_rebalance_timeout) {
  scripted_group group;
  const auto one = group.new_id();
  const auto other = group.new_id();
  const auto leader = group.join({.member_id = one, .rebalance_timeout_ms = 20'000});
  const auto follower = group.join({.member_id = other, .rebalance_timeout_ms = 20'000});
  group.pass_ms(0);
  const auto waiting = group.sync(*follower);
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(waiting.is_there());
    group.pass_ms(5'000);
    group.heartbeat(one, 1);
  }
  ASSERT_TRUE(waiting.is_there());
  EXPECT_EQ(waiting->error, error_code::rebalance_in_progress);
  EXPECT_EQ(group.heartbeat(one, 1), error_code::unknown_member_id);
}

TEST(session, a_member_that_never_asks_for_its_part_is_removed) {
  scripted_group group;
  const auto one = group.new_id();
  const auto other = group.new_id();
  const auto leader = group.join({.member_id = one, .rebalance_timeout_ms = 20'000});
  group.join({.member_id = other, .rebalance_timeout_ms = 20'000});
  group.pass_ms(0);
  group.sync(*leader, {{one, "a"}, {other, "b"}});
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(group.describe().state, group_state::stable);
    group.pass_ms(5'000);
    group.heartbeat(one, 1);
    group.heartbeat(other, 1);
  }
  EXPECT_EQ(group.describe().state, group_state::preparing_rebalance);
  EXPECT_EQ(group.describe().members.size(), 1U);
}

TEST(session, when_all_die_the_group_is_empty) {
  scripted_group group;
  group.stable_group(5);
  group.pass_ms(10'000);
  EXPECT_EQ(group.describe().state, group_state::empty);
  EXPECT_TRUE(group.describe().members.empty());
}

TEST(session, timeouts_of_zero_do_not_stall_the_machine) {
  scripted_group group;
  const auto first = group.join({.instance_id = "a", .rebalance_timeout_ms = 0});
  group.pass_ms(0);
  group.sync(*first, {}, "a");
  const auto waiting = group.join_new({.rebalance_timeout_ms = -1});
  group.pass_ms(20'000);
  EXPECT_TRUE(waiting.is_there());
}

struct static_members : testing::Test {
  join_answer join_static(const std::string& instance, std::int16_t version = 9) {
    const auto answer = group.join({.instance_id = instance, .version = version});
    group.pass_ms(0);
    EXPECT_TRUE(answer.is_there());
    return *answer;
  }
  // a leads, b follows.
  void SetUp() override {
    const auto first = group.join({.instance_id = "a"});
    const auto second = group.join({.instance_id = "b"});
    group.pass_ms(0);
    a = *first;
    b = *second;
    group.sync(b, {}, "b");
    group.sync(a, {{a.member_id, "part a"}, {b.member_id, "part b"}}, "a");
    ASSERT_EQ(group.describe().state, group_state::stable);
  }
  scripted_group group;
  join_answer a, b;
};

TEST_F(static_members, are_named_after_their_instance) {
  EXPECT_THAT(b.member_id, testing::StartsWith("b-"));
  EXPECT_EQ(group.describe().members[1].instance_id, "b");
}

TEST_F(static_members, one_that_restarts_gets_its_part_without_a_rebalance) {
  const auto back = join_static("b");
  EXPECT_EQ(back.error, error_code::none);
  EXPECT_EQ(back.generation, 1);
  EXPECT_NE(back.member_id, b.member_id);
  EXPECT_FALSE(back.skip_assignment);
  EXPECT_EQ(as_text(group.sync(back, {}, "b")->assignment.view()), "part b");
  EXPECT_EQ(group.describe().state, group_state::stable);
}

TEST_F(static_members, the_old_one_is_fenced) {
  join_static("b");
  EXPECT_EQ(group.heartbeat(b.member_id, 1, "b"), error_code::fenced_instance_id);
  EXPECT_EQ(group.heartbeat(b.member_id, 1), error_code::unknown_member_id);
  EXPECT_EQ(group.sync(b, {}, "b")->error, error_code::fenced_instance_id);
  EXPECT_EQ(
      group.commit("t", 0, 1, {.member_id = b.member_id, .generation = 1, .instance_id = "b"}),
      error_code::fenced_instance_id);
  EXPECT_EQ(group.join({.member_id = b.member_id, .instance_id = "b"})->error,
            error_code::fenced_instance_id);
  EXPECT_THAT(group.leave({{b.member_id, "b"}}), ElementsAre(error_code::fenced_instance_id));
  EXPECT_EQ(group.heartbeat(a.member_id, 1, "unknown"), error_code::unknown_member_id);
}

TEST_F(static_members, a_leader_that_restarts_hears_that_it_need_not_assign) {
  const auto back = join_static("a");
  EXPECT_EQ(back.leader, back.member_id);
  EXPECT_TRUE(back.skip_assignment);
  EXPECT_EQ(back.members.size(), 2U);
  EXPECT_EQ(as_text(group.sync(back, {}, "a")->assignment.view()), "part a");
}

TEST_F(static_members, an_old_client_that_led_does_not_take_itself_for_the_leader) {
  const auto back = join_static("a", 8);
  EXPECT_EQ(back.leader, a.member_id);
  EXPECT_FALSE(back.skip_assignment);
  EXPECT_TRUE(back.members.empty());
}

TEST_F(static_members, a_restart_with_another_protocol_makes_a_rebalance) {
  const joiner changed{.instance_id = "b", .protocols = {{"roundrobin", ""}, {"range", ""}}};
  EXPECT_TRUE(group.join(changed).is_there()) << "the common one is still range";
  const joiner both{.member_id = a.member_id,
                    .instance_id = "a",
                    .protocols = {{"roundrobin", ""}, {"range", ""}}};
  const auto leader = group.join(both);
  const auto again = group.join(changed);
  ASSERT_TRUE(again.is_there());
  EXPECT_EQ(again->generation, 2);
  EXPECT_EQ(again->protocol_name, "roundrobin");
}

TEST_F(static_members, one_that_is_silent_stays_until_its_session_ends) {
  group.pass_ms(5'000);
  group.heartbeat(a.member_id, 1, "a");
  group.pass_ms(4'999);
  EXPECT_EQ(group.describe().members.size(), 2U);
  group.pass_ms(1);
  EXPECT_EQ(group.describe().members.size(), 1U);
}

TEST_F(static_members, one_that_comes_back_has_a_whole_session) {
  group.pass_ms(9'000);
  group.heartbeat(a.member_id, 1, "a");
  const auto back = join_static("b");
  group.pass_ms(9'000);
  EXPECT_EQ(group.heartbeat(back.member_id, 1, "b"), error_code::none);
}

TEST_F(static_members, one_that_lives_but_does_not_join_stays_a_member) {
  const auto next =
      group.join({.member_id = a.member_id, .instance_id = "a", .protocols = {{"range", "n"}}});
  for (int i = 0; i < 8; ++i) {
    EXPECT_FALSE(next.is_there());
    group.heartbeat(b.member_id, 1, "b");
    group.pass_ms(7'500);
  }
  ASSERT_TRUE(next.is_there()) << "60 s";
  EXPECT_EQ(next->members.size(), 2U);
}

TEST_F(static_members, an_administrator_removes_one_by_its_instance) {
  EXPECT_THAT(
      group.leave({{"", "b"}, {"", "unknown"}, {"", {}}}),
      ElementsAre(error_code::none, error_code::unknown_member_id, error_code::unknown_member_id));
  EXPECT_EQ(group.describe().members.size(), 1U);
}

TEST_F(static_members, a_replacement_survives_a_restart_of_the_broker) {
  const auto back = join_static("b");
  group.restart();
  EXPECT_EQ(group.heartbeat(back.member_id, 1, "b"), error_code::none);
  EXPECT_EQ(group.heartbeat(b.member_id, 1, "b"), error_code::fenced_instance_id);
  EXPECT_EQ(as_text(group.sync(back, {}, "b")->assignment.view()), "part b");
}

TEST_F(static_members, two_that_come_with_one_instance_while_joins_wait_fence_the_first) {
  group.join({.member_id = a.member_id, .instance_id = "a"});
  const auto first = group.join({.instance_id = "c"});
  const auto second = group.join({.instance_id = "c"});
  ASSERT_TRUE(first.is_there());
  EXPECT_EQ(first->error, error_code::fenced_instance_id);
  EXPECT_FALSE(second.is_there());
}

TEST_F(static_members, one_that_restarts_before_the_assignment_makes_a_rebalance) {
  group.join({.member_id = a.member_id, .instance_id = "a", .protocols = {{"range", "n"}}});
  const auto next = group.join({.member_id = b.member_id, .instance_id = "b"});
  ASSERT_EQ(next->generation, 2);
  const auto waiting = group.sync(*next, {}, "b");
  const auto back = group.join({.instance_id = "b"});
  EXPECT_EQ(waiting->error, error_code::fenced_instance_id);
  EXPECT_FALSE(back.is_there());
  EXPECT_EQ(group.describe().state, group_state::preparing_rebalance);
}

TEST_F(static_members, when_none_joins_again_the_rebalance_waits_for_their_sessions) {
  const auto waiting = group.join_new({.rebalance_timeout_ms = 1'000});
  group.leave({{group.describe().members[2].id, {}}});
  group.pass_ms(10'000);
  EXPECT_EQ(group.describe().state, group_state::empty);
}

}  // namespace
}  // namespace barnabas::group
