// Sharing between images, and the cost of a change among many.
#include <gtest/gtest.h>

#include "cluster/detail/replica_assignment.h"
#include "cluster/image.h"
#include "cluster/tests/cluster_fixture.h"

namespace barnabas::cluster {
namespace {

topic_ptr make_topic(const std::string& name, std::uint64_t id, std::size_t partitions) {
  auto made = std::make_shared<topic>(topic{.name = name, .id = uuid::from_random(1, id)});
  made->partitions.resize(partitions, {.replicas = {1}, .isr = {1}, .leader = 1});
  return made;
}

TEST(topic_table, finds_by_name_and_id) {
  topic_table table;
  table.put(make_topic("b", 2, 1));
  table.put(make_topic("a", 1, 1));
  EXPECT_EQ(table.find("a")->id, uuid::from_random(1, 1));
  EXPECT_EQ(table.find(uuid::from_random(1, 2))->name, "b");
  EXPECT_EQ(table.find("c"), nullptr);
  EXPECT_EQ(table.all().front()->name, "a");
  // A topic that was deleted and made again has another id.
  table.put(make_topic("a", 3, 1));
  EXPECT_EQ(table.find(uuid::from_random(1, 1)), nullptr);
  EXPECT_EQ(table.size(), 2);
  table.remove("a");
  table.remove("none");
  EXPECT_EQ(table.find(uuid::from_random(1, 3)), nullptr);
  EXPECT_EQ(table.size(), 1);
}

TEST(topic_table, finds_names_that_collide) {
  topic_table table;
  table.put(make_topic("a.b_c", 1, 1));
  EXPECT_EQ(table.find_colliding("a_b.c")->name, "a.b_c");
  EXPECT_EQ(table.find_colliding("a.b.c")->name, "a.b_c");
  EXPECT_EQ(table.find_colliding("a.b_c"), nullptr);
  EXPECT_EQ(table.find_colliding("a-b-c"), nullptr);
}

TEST(image, a_change_shares_what_did_not_change) {
  image first;
  for (int i = 0; i < 1'000; ++i) {
    first.topics.put(make_topic("t" + std::to_string(i), i, 2));
  }
  image second = first;
  second.topics.put(make_topic("t7", 7, 3));
  second.topics.remove("t8");
  EXPECT_EQ(first.find_topic("t7")->partitions.size(), 2);
  EXPECT_EQ(second.find_topic("t7")->partitions.size(), 3);
  EXPECT_NE(first.find_topic("t8"), nullptr);
  EXPECT_EQ(second.find_topic("t8"), nullptr);
  EXPECT_EQ(first.find_topic("t9"), second.find_topic("t9"));
  EXPECT_LE(sizeof(partition), 64U);
}

TEST(broker_ids, short_and_long_lists) {
  broker_ids many = {1, 2, 3, 4, 5, 6};
  broker_ids few = {7};
  const broker_ids copy = many;
  EXPECT_EQ(copy, many);
  std::swap(many, few);
  EXPECT_EQ(few, copy);
  EXPECT_EQ(many, broker_ids({7}));
  EXPECT_TRUE(few.contains(6));
  few = broker_ids();
  EXPECT_TRUE(few.empty());
}

TEST(replica_assignment, spreads_leaders_and_followers) {
  const auto lists = detail::spread_replicas({1, 2, 3}, 6, 2, 0, 0);
  EXPECT_EQ(*lists, (detail::replica_lists{{1, 2}, {2, 3}, {3, 1}, {1, 3}, {2, 1}, {3, 2}}));
  EXPECT_EQ(detail::spread_replicas({1}, 1, 1, ~0ULL, 5)->front().front(), 1);
}

runtime::task<> show_everywhere(runtime::world& world, metastore::memory_store& /*store*/) {
  image_board board(world);
  auto next = std::make_shared<image>();
  next->cluster_id = "new";
  co_await board.publish(next);
  for (int index = 0; index < world.shard_count(); ++index) {
    const std::string seen = co_await runtime::on_shard(
        world.shard_at(index),
        [&board]() -> runtime::task<std::string> { co_return board.current()->cluster_id; });
    EXPECT_EQ(seen, "new");
  }
}
TEST(image_board, shows_an_image_on_every_shard) {
  in_cluster(show_everywhere);
}

}  // namespace
}  // namespace barnabas::cluster
