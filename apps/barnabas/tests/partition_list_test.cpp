#include "topics/partition_list.h"

#include <gmock/gmock.h>

namespace barnabas::app {
namespace {

using testing::HasSubstr;

TEST(partition_plan, is_what_the_tools_of_kafka_read_and_write) {
  const std::string text =
      R"({"version":1,"partitions":[{"topic":"a","partition":0,"replicas":[2,1]},)"
      R"({"topic":"b","partition":3,"replicas":[1],"log_dirs":["/data \"x\""]}]})";
  const auto plan = parse_plan(text, true);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->at({"a", 0}).replicas, (kafka::replica_list{2, 1}));
  EXPECT_EQ(plan->at({"b", 3}).log_dirs.at(0), "/data \"x\"");
  EXPECT_EQ(plan_json(*plan), text);
}

TEST(partition_plan, needs_no_replicas_where_only_partitions_are_named) {
  const std::string text = R"({"partitions":[{"topic":"a","partition":7}]})";
  const auto plan = parse_plan(text, false);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->contains({"a", 7}));
  EXPECT_THAT(parse_plan(text, true).error().message, HasSubstr("a-7 has no replicas"));
}

TEST(partition_plan, says_what_is_wrong) {
  const auto refusal = [](const std::string& entries) {
    const auto plan = parse_plan(R"({"partitions":[)" + entries + "]}", true);
    return plan ? "" : plan.error().message;
  };
  EXPECT_THAT(parse_plan("{", true).error().message, HasSubstr("this is no plan"));
  EXPECT_THAT(parse_plan("[]", true).error().message, HasSubstr("no list of partitions"));
  EXPECT_THAT(refusal("1"), HasSubstr("1 has no topic and partition"));
  EXPECT_THAT(refusal(R"({"topic":"a","partition":-1})"), HasSubstr("no topic and partition"));
  EXPECT_THAT(refusal(R"({"topic":"a","partition":0,"replicas":[]})"), HasSubstr("no replicas"));
  EXPECT_THAT(refusal(R"({"topic":"a","partition":0,"replicas":["x"]})"),
              HasSubstr("a-0: replica \"x\" is no broker"));
  EXPECT_THAT(refusal(R"({"topic":"a","partition":0,"replicas":[1,2],"log_dirs":["any"]})"),
              HasSubstr("not one of log_dirs for each replica"));
  const std::string one = R"({"topic":"a","partition":0,"replicas":[1]})";
  EXPECT_THAT(refusal(one + "," + one), HasSubstr("a-0 comes twice"));
}

TEST(brokers, are_ids_by_commas) {
  EXPECT_EQ(parse_brokers("1,20", "--x"), (kafka::replica_list{1, 20}));
  for (const char* wrong : {"", "a", "-1", "1;2", "99999999999"}) {
    EXPECT_FALSE(parse_brokers(wrong, "--x")) << wrong;
  }
}

}  // namespace
}  // namespace barnabas::app
