// JoinGroup, SyncGroup, Heartbeat and LeaveGroup of dynamic members.
#include <gmock/gmock.h>

#include "group/tests/scripted_group.h"

namespace barnabas::group {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

TEST(join, a_new_member_is_given_an_id_and_joins_with_it) {
  scripted_group group;
  const auto asked = group.join({});
  EXPECT_EQ(asked->error, error_code::member_id_required);
  EXPECT_THAT(asked->member_id, MatchesRegex("client-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                             "[0-9a-f]{4}-[0-9a-f]{12}"));
  const auto joined = group.join({.member_id = asked->member_id});
  group.pass_ms(0);
  ASSERT_TRUE(joined.is_there());
  EXPECT_EQ(joined->error, error_code::none);
  EXPECT_EQ(joined->generation, 1);
  EXPECT_EQ(joined->leader, asked->member_id);
  EXPECT_EQ(joined->protocol_type, "consumer");
  EXPECT_EQ(joined->protocol_name, "range");
  ASSERT_EQ(joined->members.size(), 1U);
  EXPECT_EQ(as_text(joined->members[0].metadata.view()), "topics");
}

TEST(join, before_version_4_a_member_joins_at_once) {
  scripted_group group;
  const auto joined = group.join({.version = 3});
  group.pass_ms(0);
  ASSERT_TRUE(joined.is_there());
  EXPECT_EQ(joined->error, error_code::none);
  EXPECT_FALSE(joined->member_id.empty());
}

TEST(join, version_0_has_the_session_timeout_as_its_rebalance_timeout) {
  scripted_group group;
  group.join({.session_timeout_ms = 7'000, .rebalance_timeout_ms = -1, .version = 0});
  group.pass_ms(0);
  const auto second = group.join({.version = 3});
  group.pass_ms(6'999);
  EXPECT_FALSE(second.is_there());
  group.pass_ms(1);
  EXPECT_TRUE(second.is_there());
}

TEST(join, refuses_bad_requests) {
  scripted_group group;
  EXPECT_EQ(group.join({.group = ""})->error, error_code::invalid_group_id);
  EXPECT_EQ(group.join({.session_timeout_ms = 5'999})->error, error_code::invalid_session_timeout);
  EXPECT_EQ(group.join({.session_timeout_ms = 1'800'001})->error,
            error_code::invalid_session_timeout);
  EXPECT_EQ(group.join({.member_id = "stranger"})->error, error_code::unknown_member_id);
  EXPECT_EQ(group.join({.protocols = {}})->error, error_code::inconsistent_group_protocol);
  EXPECT_EQ(group.join({.protocol_type = ""})->error, error_code::inconsistent_group_protocol);
  EXPECT_TRUE(group.list().empty()) << "refused requests leave no group behind";
}

TEST(join, an_id_that_nobody_uses_is_forgotten_after_its_session_timeout) {
  scripted_group group;
  const std::string id = group.new_id();
  group.pass_ms(10'000);
  EXPECT_TRUE(group.list().empty());
  EXPECT_EQ(group.join({.member_id = id})->error, error_code::unknown_member_id);
}

TEST(join, a_rebalance_waits_for_ids_that_were_given) {
  scripted_group group;
  group.stable_group(1);
  const auto members = group.describe().members;
  const std::string late = group.new_id();
  const auto again = group.join({.member_id = members[0].id});
  EXPECT_FALSE(again.is_there()) << "somebody has an id and will join";
  const auto joined = group.join({.member_id = late});
  ASSERT_TRUE(joined.is_there());
  EXPECT_EQ(joined->generation, 2);
  EXPECT_EQ(again->generation, 2);
}

TEST(join, an_id_that_expires_or_leaves_ends_the_wait_for_it) {
  scripted_group group;
  const auto members = group.stable_group(1);
  const std::string gone = group.new_id();
  auto again = group.join({.member_id = members[0].member_id});
  EXPECT_THAT(group.leave({{gone, {}}}), ElementsAre(error_code::none));
  ASSERT_TRUE(again.is_there());
  group.sync(*again);

  group.new_id({.session_timeout_ms = 6'000});
  again = group.join({.member_id = members[0].member_id});
  group.pass_ms(5'999);
  EXPECT_FALSE(again.is_there());
  group.pass_ms(1);
  EXPECT_TRUE(again.is_there());
}

TEST(join, the_first_rebalance_waits_while_members_come) {
  settings limits;
  limits.initial_rebalance_delay_ms = 3'000;
  scripted_group group(limits);
  const auto first = group.join_new({.rebalance_timeout_ms = 8'000});
  group.pass_ms(2'000);
  const auto second = group.join_new({.rebalance_timeout_ms = 8'000});
  group.pass_ms(1'000);
  EXPECT_FALSE(first.is_there()) << "another has come: it waits once more";
  group.pass_ms(3'000);
  ASSERT_TRUE(first.is_there());
  EXPECT_EQ(first->generation, 1);
  EXPECT_EQ(second->generation, 1);
  EXPECT_EQ(first->members.size() + second->members.size(), 2U) << "only the leader hears of all";
}

TEST(join, the_first_rebalance_ends_at_the_rebalance_timeout) {
  settings limits;
  limits.initial_rebalance_delay_ms = 3'000;
  scripted_group group(limits);
  const auto first = group.join_new({.rebalance_timeout_ms = 8'000});
  for (int second = 0; second < 7; ++second) {
    group.pass_ms(1'000);
    group.join_new({.rebalance_timeout_ms = 8'000});
  }
  EXPECT_FALSE(first.is_there());
  group.pass_ms(1'000);
  EXPECT_TRUE(first.is_there());
}

TEST(join, the_protocol_with_the_most_votes_among_the_common_ones_is_chosen) {
  scripted_group group;
  const auto a = group.new_id();
  const auto b = group.new_id();
  const auto c = group.new_id();
  const auto first = group.join({.member_id = a, .protocols = {{"own", ""}, {"x", ""}, {"y", ""}}});
  group.join({.member_id = b, .protocols = {{"y", ""}, {"x", ""}}});
  group.join({.member_id = c, .protocols = {{"y", ""}, {"x", ""}}});
  group.pass_ms(0);
  EXPECT_EQ(first->protocol_name, "y");
  EXPECT_EQ(group.join({.protocols = {{"own", ""}}})->error,
            error_code::inconsistent_group_protocol);
  EXPECT_EQ(group.join({.protocol_type = "connect", .protocols = {{"y", ""}}})->error,
            error_code::inconsistent_group_protocol);
}

TEST(join, other_kinds_than_consumers_are_served) {
  scripted_group group;
  const auto joined =
      group.join_new({.protocol_type = "connect", .protocols = {{"sessioned", "url"}}});
  group.pass_ms(0);
  ASSERT_TRUE(joined.is_there());
  EXPECT_EQ(joined->protocol_type, "connect");
  const auto synced = group.sync(*joined, {{joined->member_id, "tasks"}});
  EXPECT_EQ(as_text(synced->assignment.view()), "tasks");
  EXPECT_EQ(group.list()[0].protocol_type, "connect");
}

TEST(join, in_a_stable_group_only_what_is_new_makes_a_rebalance) {
  scripted_group group;
  auto members = group.stable_group(2);
  const auto& follower = members[0].leader == members[0].member_id ? members[1] : members[0];
  const auto same = group.join({.member_id = follower.member_id});
  ASSERT_TRUE(same.is_there());
  EXPECT_EQ(same->generation, 1);
  EXPECT_TRUE(same->members.empty());
  EXPECT_EQ(group.describe().state, group_state::stable);

  const auto changed =
      group.join({.member_id = follower.member_id, .protocols = {{"range", "more"}}});
  EXPECT_FALSE(changed.is_there());
  EXPECT_EQ(group.describe().state, group_state::preparing_rebalance);
}

TEST(join, the_leader_of_a_stable_group_makes_a_rebalance_with_the_same_metadata) {
  scripted_group group;
  const auto members = group.stable_group(2);
  const auto again = group.join({.member_id = members[0].leader});
  EXPECT_FALSE(again.is_there());
  EXPECT_EQ(group.heartbeat(members[0].member_id, 1), error_code::rebalance_in_progress);
}

TEST(join, while_assignments_are_awaited_an_answer_that_was_lost_is_given_again) {
  scripted_group group;
  const auto joined = group.join_new();
  group.pass_ms(0);
  const auto again = group.join({.member_id = joined->member_id});
  ASSERT_TRUE(again.is_there());
  EXPECT_EQ(again->generation, 1);
  EXPECT_EQ(again->members.size(), 1U) << "it is the leader";
}

TEST(join, a_retry_takes_the_place_of_the_request_before) {
  scripted_group group;
  group.stable_group(2);
  const auto id = group.describe().members[0].id;
  const joiner changed{.member_id = id, .protocols = {{"range", "new"}}};
  const auto first = group.join(changed);
  const auto second = group.join(changed);
  EXPECT_TRUE(first.is_refused());
  EXPECT_FALSE(second.is_there());
}

TEST(join, a_cooperative_member_keeps_its_place_from_rebalance_to_rebalance) {
  scripted_group group;
  const joiner cooperative{.protocols = {{"cooperative-sticky", "owns nothing"}}};
  const auto members = group.stable_group(2, cooperative);
  std::vector<promised<join_answer>> second;
  for (const auto& each : members) {
    joiner again = cooperative;
    again.member_id = each.member_id;
    again.protocols[0].second = "owns 1";
    second.push_back(group.join(again));
  }
  ASSERT_TRUE(second[0].is_there() && second[1].is_there());
  EXPECT_EQ(second[0]->generation, 2);
  EXPECT_EQ(second[0]->leader, members[0].leader);
}

TEST(group_size, a_full_group_takes_nobody) {
  settings limits = scripted_group::without_delay();
  limits.max_size = 2;
  scripted_group group(limits);
  const auto members = group.stable_group(2);
  EXPECT_EQ(group.join({})->error, error_code::group_max_size_reached);
  EXPECT_EQ(group.describe().state, group_state::stable);
  EXPECT_FALSE(group.join({.member_id = members[0].leader}).is_there()) << "its own may come back";
}

TEST(group_size, a_loaded_group_that_is_too_large_loses_its_last_ones) {
  scripted_group group;
  const auto members = group.stable_group(3);
  settings smaller = scripted_group::without_delay();
  smaller.max_size = 2;
  group.restart(smaller);
  EXPECT_EQ(group.describe().state, group_state::preparing_rebalance);
  const auto first = group.join({.member_id = members[0].member_id});
  const auto second = group.join({.member_id = members[1].member_id});
  const auto third = group.join({.member_id = members[2].member_id});
  EXPECT_EQ(third->error, error_code::group_max_size_reached);
  EXPECT_TRUE(first.is_there() && second.is_there());
  EXPECT_EQ(group.describe().members.size(), 2U);
}

TEST(sync, members_wait_for_the_leader_and_get_their_parts) {
  scripted_group group;
  const std::string one = group.new_id();
  const std::string other = group.new_id();
  const auto leader = group.join({.member_id = one});
  const auto follower = group.join({.member_id = other});
  group.pass_ms(0);
  ASSERT_EQ(leader->leader, one);
  const auto waiting = group.sync(*follower);
  EXPECT_FALSE(waiting.is_there());
  EXPECT_EQ(group.describe().state, group_state::completing_rebalance);
  const auto own = group.sync(*leader, {{other, "theirs"}});
  ASSERT_TRUE(own.is_there() && waiting.is_there());
  EXPECT_EQ(as_text(waiting->assignment.view()), "theirs");
  EXPECT_TRUE(own->assignment.empty()) << "the leader has given itself nothing";
  EXPECT_EQ(group.describe().state, group_state::stable);
  EXPECT_EQ(as_text(group.sync(*follower)->assignment.view()), "theirs") << "asked again";
}

TEST(sync, refuses_who_does_not_belong_to_the_generation) {
  scripted_group group;
  auto members = group.stable_group(1);
  join_answer strange = members[0];
  strange.member_id = "stranger";
  EXPECT_EQ(group.sync(strange)->error, error_code::unknown_member_id);
  strange = members[0];
  strange.generation = 0;
  EXPECT_EQ(group.sync(strange)->error, error_code::illegal_generation);
  strange = members[0];
  strange.protocol_name = "roundrobin";
  EXPECT_EQ(group.sync(strange)->error, error_code::inconsistent_group_protocol);
  strange = members[0];
  strange.protocol_type = "connect";
  EXPECT_EQ(group.sync(strange)->error, error_code::inconsistent_group_protocol);
  group.join({.member_id = members[0].member_id, .protocols = {{"range", "new"}}});
  group.new_id();
  group.join({.member_id = members[0].member_id});
  EXPECT_EQ(group.sync(members[0])->error, error_code::illegal_generation);
}

TEST(sync, a_rebalance_sends_those_who_wait_back_to_join) {
  scripted_group group;
  const std::string one = group.new_id();
  const std::string other = group.new_id();
  const auto leader = group.join({.member_id = one});
  const auto follower = group.join({.member_id = other});
  group.pass_ms(0);
  const auto waiting = group.sync(*follower);
  const auto late = group.join_new();
  EXPECT_EQ(waiting->error, error_code::rebalance_in_progress);
  EXPECT_EQ(group.sync(*leader)->error, error_code::rebalance_in_progress);
  EXPECT_FALSE(late.is_there());
}

TEST(sync, an_assignment_larger_than_a_batch_is_refused_and_other_groups_go_on) {
  settings limits = scripted_group::without_delay();
  limits.max_batch_bytes = 10'000;
  scripted_group group(limits);
  const std::string one = group.new_id();
  const std::string other = group.new_id();
  const auto leader = group.join({.member_id = one});
  const auto follower = group.join({.member_id = other});
  group.pass_ms(0);
  const auto waiting = group.sync(*follower);
  const auto own = group.sync(*leader, {{one, std::string(10'000, 'x')}});
  EXPECT_EQ(own->error, error_code::unknown_server_error);
  EXPECT_EQ(waiting->error, error_code::unknown_server_error);
  EXPECT_TRUE(group.log().empty());
  EXPECT_EQ(group.describe().state, group_state::preparing_rebalance);
  group.join({.member_id = one});
  const auto again = group.join({.member_id = other});
  ASSERT_TRUE(again.is_there());
  EXPECT_EQ(again->generation, 2);
}

TEST(heartbeat, says_what_a_member_has_to_know) {
  scripted_group group;
  EXPECT_EQ(group.heartbeat("anybody", 1), error_code::unknown_member_id);
  const auto members = group.stable_group(2);
  EXPECT_EQ(group.heartbeat(members[0].member_id, 1), error_code::none);
  EXPECT_EQ(group.heartbeat(members[0].member_id, 2), error_code::illegal_generation);
  EXPECT_EQ(group.heartbeat("stranger", 1), error_code::unknown_member_id);
  group.join({.member_id = members[0].leader});
  EXPECT_EQ(group.heartbeat(members[1].member_id, 1), error_code::rebalance_in_progress);
}

TEST(leave, several_members_leave_at_once_and_the_last_one_empties_the_group) {
  scripted_group group;
  const auto members = group.stable_group(3);
  EXPECT_THAT(
      group.leave({{members[0].member_id, {}}, {"stranger", {}}, {members[1].member_id, {}}}),
      ElementsAre(error_code::none, error_code::unknown_member_id, error_code::none));
  EXPECT_EQ(group.describe().state, group_state::preparing_rebalance);
  const auto last = group.join({.member_id = members[2].member_id});
  EXPECT_EQ(last->generation, 2);
  EXPECT_EQ(last->leader, members[2].member_id);
  group.leave({{members[2].member_id, {}}});
  EXPECT_EQ(group.describe().state, group_state::empty);
  EXPECT_EQ(group.describe().protocol_type, "consumer");
  EXPECT_THAT(group.leave({{members[2].member_id, {}}}),
              ElementsAre(error_code::unknown_member_id));
}

TEST(leave, a_member_that_joins_and_leaves_in_a_loop_leaves_nothing_behind) {
  scripted_group group;
  for (int round = 0; round < 1'000; ++round) {
    const auto joined = group.join_new();
    group.pass_ms(0);
    ASSERT_EQ(joined->error, error_code::none);
    group.leave({{joined->member_id, {}}});
  }
  EXPECT_TRUE(group.describe().members.empty());
  EXPECT_EQ(group.describe().state, group_state::empty);
}

}  // namespace
}  // namespace barnabas::group
