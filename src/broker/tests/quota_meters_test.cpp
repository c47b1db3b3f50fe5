// Meters over several shards, and what shard 0 counts alone.
#include "broker/quota/meters.h"

#include <gtest/gtest.h>

#include "broker/quota/connection_quota.h"
#include "broker/quota/mutation_quota.h"
#include "network/tests/test_world.h"
#include "runtime/wait.h"

namespace barnabas::broker {
namespace {

using namespace std::chrono_literals;
using cluster::quota_kind;
using runtime::task;

task<> record_on(quota_meters& meters, std::string key, double amount) {
  meters.record(meters.find(key), amount);
  co_return;
}
task<double> total_on(quota_meters& meters, std::string key) {
  co_return meters.find(key)->rate.total(runtime::shard::current().now());
}
task<std::size_t> size_on(quota_meters& meters) {
  co_return meters.size();
}

task<> hear_of_each_other(runtime::world& world) {
  quota_meters meters(world, {11, 1s});
  meters.record(meters.find("k"), 5);
  meters.record(meters.find("k"), 2);
  co_await runtime::on_shard(world.shard_at(1), [&] { return record_on(meters, "k", 3); });
  co_await runtime::sleep_for(20 * quota_meters::exchange_interval);
  EXPECT_EQ(co_await total_on(meters, "k"), 10);
  EXPECT_EQ(co_await runtime::on_shard(world.shard_at(1), [&] { return total_on(meters, "k"); }),
            10);
  meters.record(meters.find("k"), 4);
  co_await runtime::sleep_for(20 * quota_meters::exchange_interval);
  EXPECT_EQ(co_await runtime::on_shard(world.shard_at(1), [&] { return total_on(meters, "k"); }),
            14);
  co_await meters.stop();
}
TEST(quota_meters, shards_hear_of_each_other) {
  network::with_world(hear_of_each_other);
}

task<> forget_the_idle(runtime::world& world) {
  quota_meters meters(world, {2, 50ms});
  const meter_ptr held = meters.find("held");
  meters.record(meters.find("gone"), 1);
  co_await runtime::sleep_for(1500ms);
  EXPECT_EQ(meters.size(), 1);
  EXPECT_EQ(meters.find("held"), held);
  EXPECT_EQ(co_await runtime::on_shard(world.shard_at(1), [&] { return size_on(meters); }), 0);
  co_await meters.stop();
}
TEST(quota_meters, an_idle_meter_goes_unless_it_is_held) {
  network::with_world(forget_the_idle);
}

task<> stay_bounded(runtime::world& world) {
  quota_meters meters(world, {2, 10s});
  for (std::size_t i = 0; i < quota_meters::most_meters + 1'000; ++i) {
    (void)meters.find("0client " + std::to_string(i));
  }
  EXPECT_EQ(meters.size(), quota_meters::most_meters + 1);
  EXPECT_EQ(meters.find("0one"), meters.find("0another"));
  EXPECT_NE(meters.find("0one"), meters.find("1one")) << "another kind of quota";
  co_await meters.stop();
}
TEST(quota_meters, a_client_of_many_names_fills_no_memory) {
  network::with_world(stay_bounded);
}

cluster::client_quotas quotas_of(cluster::quota_entity entity, quota_kind kind, double limit) {
  cluster::quota_values values;
  values[static_cast<std::size_t>(kind)] = limit;
  return {{std::move(entity), values}};
}

task<> count_mutations(runtime::world& /*world*/) {
  const auto quotas = quotas_of({.client_id = "app"}, quota_kind::controller_mutation_rate, 1);
  mutation_quota quota({3, 1s});
  const mutation_quota::client strict{"User:ANONYMOUS", "app", true};
  const mutation_quota::client old{"User:ANONYMOUS", "app", false};
  const mutation_quota::client other{"User:ANONYMOUS", "other", true};
  auto delay = 0ms;
  EXPECT_TRUE(quota.take(quotas, strict, 2, delay));
  EXPECT_TRUE(quota.take(quotas, strict, 5, delay)) << "one token was left";
  EXPECT_EQ(delay, 0ms);
  EXPECT_EQ(quota.take(quotas, strict, 1, delay).error().code,
            error_code::throttling_quota_exceeded);
  EXPECT_NEAR(static_cast<double>(delay.count()), 4'000, 100);
  EXPECT_TRUE(quota.take(quotas, old, 1, delay)) << "an old client is only delayed";
  EXPECT_NEAR(static_cast<double>(delay.count()), 5'000, 100);
  delay = 0ms;
  EXPECT_TRUE(quota.take(quotas, other, 1'000, delay));
  EXPECT_EQ(delay, 0ms);
  EXPECT_EQ(quota.size(), 1);
  co_return;
}
TEST(mutation_quota, refuses_or_delays_what_is_overdrawn) {
  network::with_world(count_mutations);
}

task<> count_connections(runtime::world& world) {
  cluster::image_board board(world);
  connection_quota quota(board, {3, 1s});
  EXPECT_EQ(quota.delay("10.0.0.1"), 0s) << "there is no quota";
  auto image = std::make_shared<cluster::image>();
  auto all = quotas_of({.ip = "0:0::1"}, quota_kind::connection_creation_rate, 5);
  all.merge(quotas_of({.ip = ""}, quota_kind::connection_creation_rate, 1));
  all.merge(quotas_of({.client_id = "app"}, quota_kind::producer_byte_rate, 1));
  image->quotas = std::make_shared<const cluster::client_quotas>(all);
  co_await board.publish(image);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(quota.delay("::1"), 0s) << "two samples' worth at once";
  }
  EXPECT_GT(quota.delay("::1"), 0s);
  EXPECT_EQ(quota.delay("10.0.0.1"), 0s);
  EXPECT_EQ(quota.delay("10.0.0.1"), 0s);
  for (int i = 0; i < 5; ++i) {
    EXPECT_GT(quota.delay("10.0.0.1"), 0s);
    EXPECT_LE(quota.delay("10.0.0.1"), 1s);
  }
  EXPECT_EQ(quota.delay("10.0.0.2"), 0s) << "each address has the default for itself";
  EXPECT_EQ(quota.size(), 3);
}
TEST(connection_quota, counts_by_address) {
  network::with_world(count_connections);
}

}  // namespace
}  // namespace barnabas::broker
