#include "cluster/detail/leader_election.h"

#include <gtest/gtest.h>

namespace barnabas::cluster::detail {
namespace {

image with_brokers(std::vector<std::int32_t> ids) {
  image out;
  std::map<std::int32_t, broker> live;
  for (const std::int32_t id : ids) {
    live[id].id = id;
  }
  out.brokers = std::make_shared<const std::map<std::int32_t, broker>>(std::move(live));
  return out;
}

partition of(std::vector<std::int32_t> replicas, std::vector<std::int32_t> isr,
             std::int32_t leader) {
  return {.replicas = broker_ids(replicas), .isr = broker_ids(isr), .leader = leader};
}

TEST(leader_election, a_replica_that_is_not_in_sync_leads_only_where_that_is_allowed) {
  partition dead = of({1, 2}, {2}, 2);
  EXPECT_TRUE(elect_leader(dead, with_brokers({1}), 5, false));
  EXPECT_EQ(dead.leader, no_leader);
  EXPECT_TRUE(dead.isr.contains(2)) << "who must come back";
  EXPECT_FALSE(elect_leader(dead, with_brokers({1}), 5, false));
  EXPECT_TRUE(elect_leader(dead, with_brokers({1}), 6, true));
  EXPECT_EQ(dead.leader, 1);
  EXPECT_EQ(dead.leader_epoch, 2);
  EXPECT_EQ(dead.controller_epoch, 6);
  EXPECT_EQ(dead.isr, broker_ids(std::vector<std::int32_t>{1}));
}

TEST(leader_election, on_demand_the_preferred_replica_takes_over) {
  partition led = of({1, 2}, {2, 1}, 2);
  EXPECT_TRUE(elect_on_demand(led, with_brokers({1, 2}), 3, election::preferred));
  EXPECT_EQ(led.leader, 1);
  EXPECT_EQ(led.leader_epoch, 1);
  EXPECT_EQ(elect_on_demand(led, with_brokers({1, 2}), 3, election::preferred).error().code,
            error_code::election_not_needed);
  partition behind = of({1, 2}, {2}, 2);
  EXPECT_EQ(elect_on_demand(behind, with_brokers({1, 2}), 3, election::preferred).error().code,
            error_code::preferred_leader_not_available);
}

TEST(leader_election, an_unclean_one_is_for_partitions_without_a_leader) {
  partition led = of({1, 2}, {2}, 2);
  EXPECT_EQ(elect_on_demand(led, with_brokers({1, 2}), 3, election::unclean).error().code,
            error_code::election_not_needed);
  EXPECT_TRUE(elect_on_demand(led, with_brokers({1}), 3, election::unclean));
  EXPECT_EQ(led.leader, 1);
  partition lost = of({1, 2}, {2}, no_leader);
  EXPECT_EQ(elect_on_demand(lost, with_brokers({3}), 3, election::unclean).error().code,
            error_code::eligible_leaders_not_available);
}

TEST(leader_election, the_topic_s_own_setting_wins_over_that_of_brokers) {
  image at;
  topic one;
  EXPECT_FALSE(may_be_unclean(one, at, 1, false));
  EXPECT_TRUE(may_be_unclean(one, at, 1, true));
  const std::string key = "unclean.leader.election.enable";
  at.broker_configs = std::make_shared<const named_overrides>(
      named_overrides{{"<default>", {{key, "true"}}}, {"2", {{key, "false"}}}});
  EXPECT_TRUE(may_be_unclean(one, at, 1, false));
  EXPECT_FALSE(may_be_unclean(one, at, 2, true));
  one.config[key] = "false";
  EXPECT_FALSE(may_be_unclean(one, at, 1, false));
}

}  // namespace
}  // namespace barnabas::cluster::detail
