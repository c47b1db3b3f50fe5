// Whole brokers of two shards in simulated worlds, and clients that do not wait as they are told:
// the rates that they reach, what their answers say, and what others notice.
#include <gtest/gtest.h>

#include <chrono>

#include "base/log.h"
#include "broker/broker.h"
#include "broker/tests/broker_client.h"
#include "metastore/memory_store.h"
#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "record/batch_builder.h"
#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"

namespace barnabas::broker {
namespace {

using namespace std::chrono_literals;
using runtime::task;

constexpr std::int16_t produce_version = 8;
constexpr std::int16_t fetch_version = 11;

server_config config_of_the_test() {
  config_remarks remarks;
  return *make_server_config({{"listeners", "PLAINTEXT://127.0.0.1:9092", 0},
                              {"log.dirs", "/data", 0},
                              {"quota.window.num", "3", 0},
                              {"controller.quota.window.num", "3", 0},
                              {"barnabas.acknowledge", "memory", 0}},
                             remarks);
}

using client = broker_client;

task<> set_quota(runtime::world& world, std::string_view type, std::string_view name,
                 std::string_view key, double value) {
  client admin = co_await client::open(world, "admin");
  protocol::alter_client_quotas_request message;
  auto& entry = message.entries.emplace_back();
  entry.entity.push_back({type, name});
  entry.ops.push_back({.key = key, .value = value});
  const auto answer =
      co_await admin.ask<protocol::alter_client_quotas_response>(std::move(message), 1);
  EXPECT_EQ(answer.entries.front().error_code, error_code::none);
}

protocol::create_topics_request creation_of(std::string_view topic, std::int32_t partitions) {
  protocol::create_topics_request message;
  message.topics.push_back({.name = topic, .num_partitions = partitions, .replication_factor = 1});
  message.timeout_ms = 10'000;
  return message;
}
task<protocol::create_topics_response> create(client& by, std::string_view topic,
                                              std::int32_t partitions, std::int16_t version = 7) {
  return by.ask<protocol::create_topics_response>(creation_of(topic, partitions), version);
}

struct use {
  std::int64_t bytes = 0;
  std::int64_t answers = 0;
  std::int32_t longest_throttle_ms = 0;
};

task<> produce_until(runtime::world& world, std::string id, std::int32_t partition,
                     std::size_t value_bytes, runtime::steady_time end, use& total) {
  client it = co_await client::open(world, std::move(id));
  const std::string value(value_bytes, 'x');
  record::batch_builder builder({});
  builder.append({.timestamp = 1, .value = as_bytes(value)});
  const std::vector<std::byte> batch = builder.build();
  while (runtime::shard::current().now() < end) {
    protocol::produce_request message;
    message.acks = 1;
    message.timeout_ms = 1'000;
    auto& topic = message.topic_data.emplace_back();
    topic.name = "t";
    auto& data = topic.partition_data.emplace_back();
    data.index = partition;
    data.records = protocol::records(batch);
    const auto answer =
        co_await it.ask<protocol::produce_response>(std::move(message), produce_version);
    EXPECT_EQ(answer.responses.front().partition_responses.front().error_code, error_code::none);
    total.bytes += static_cast<std::int64_t>(batch.size());
    ++total.answers;
    total.longest_throttle_ms = std::max(total.longest_throttle_ms, answer.throttle_time_ms);
  }
}

task<> fetch_until(runtime::world& world, std::string id, std::int32_t partition,
                   runtime::steady_time end, use& total) {
  client it = co_await client::open(world, std::move(id));
  while (runtime::shard::current().now() < end) {
    protocol::fetch_request message;
    message.max_wait_ms = 10;
    message.min_bytes = 1;
    message.max_bytes = 50'000;
    message.session_epoch = -1;
    auto& topic = message.topics.emplace_back();
    topic.topic = "t";
    topic.partitions.push_back({.partition = partition, .partition_max_bytes = 50'000});
    const auto answer =
        co_await it.ask<protocol::fetch_response>(std::move(message), fetch_version);
    EXPECT_EQ(answer.error_code, error_code::none);
    EXPECT_EQ(answer.responses.empty(), answer.throttle_time_ms > 0);
    for (const auto& one : answer.responses) {
      total.bytes += static_cast<std::int64_t>(one.partitions.front().records.bytes().size());
    }
    ++total.answers;
    total.longest_throttle_ms = std::max(total.longest_throttle_ms, answer.throttle_time_ms);
  }
}

// Runs `work` with a broker that has a topic "t" of four partitions.
task<> with_broker(runtime::world& world, task<> (*work)(runtime::world&), bool& has_ended) {
  metastore::memory_store store;
  broker it(world, config_of_the_test(), &store);
  const auto started = co_await it.start();
  EXPECT_TRUE(started) << (started ? "" : started.error().message);
  {
    client admin = co_await client::open(world, "admin");
    EXPECT_EQ((co_await create(admin, "t", 4)).topics.front().error_code, error_code::none);
  }
  co_await work(world);
  const auto begin = runtime::shard::current().now();
  co_await it.stop();
  EXPECT_LT(runtime::shard::current().now() - begin, 2s) << "muted connections hold nothing up";
  has_ended = true;
}
void in_simulation(task<> (*work)(runtime::world&)) {
  set_log_level(log_level::off);
  runtime::simulated::simulation simulation(7);
  bool has_ended = false;
  simulation.add_machine("one", 2).start(
      [&](runtime::world& world) { return with_broker(world, work, has_ended); });
  EXPECT_TRUE(simulation.run_until([&] { return has_ended; }, std::chrono::minutes(10)));
}

constexpr std::int64_t limit = 100'000;
constexpr auto warm_up = 10s;
constexpr auto measured = 30s;

// What eight connections over both shards use together in `measured`, after the burst at the start.
template <class Work>
task<use> eight_connections(Work work) {
  const auto begin = runtime::shard::current().now();
  use before;
  use after;
  runtime::task_group group("clients");
  for (std::int32_t i = 0; i < 8; ++i) {
    group.spawn(work(i % 4, begin + warm_up + measured, after));
  }
  co_await runtime::sleep_until(begin + warm_up);
  before = after;
  co_await group.join();
  after.bytes -= before.bytes;
  after.answers -= before.answers;
  co_return after;
}

void expect_the_limit(const use& used) {
  const double rate =
      static_cast<double>(used.bytes) / std::chrono::duration<double>(measured).count();
  testing::Test::RecordProperty("bytes_per_second", std::to_string(rate));
  EXPECT_NEAR(rate, limit, 0.1 * limit);
}

task<> produce_at_the_limit(runtime::world& world) {
  co_await set_quota(world, "client-id", "app", "producer_byte_rate", limit);
  const use used = co_await eight_connections([&](std::int32_t partition, auto end, use& total) {
    return produce_until(world, "app", partition, 2'000, end, total);
  });
  expect_the_limit(used);
  EXPECT_GT(used.longest_throttle_ms, 0);
}
TEST(quota_broker, eight_connections_on_two_shards_produce_at_the_limit) {
  in_simulation(produce_at_the_limit);
}

task<> fetch_at_the_limit(runtime::world& world) {
  use written;
  for (std::int32_t partition = 0; partition < 4; ++partition) {
    co_await produce_until(world, "writer", partition, 20'000,
                           runtime::shard::current().now() + 50ms, written);
  }
  co_await set_quota(world, "user", "ANONYMOUS", "consumer_byte_rate", limit);
  const use used = co_await eight_connections([&](std::int32_t partition, auto end, use& total) {
    return fetch_until(world, "reader" + std::to_string(partition), partition, end, total);
  });
  expect_the_limit(used);
  EXPECT_GT(used.longest_throttle_ms, 0);
}
TEST(quota_broker, eight_connections_on_two_shards_fetch_at_the_limit) {
  in_simulation(fetch_at_the_limit);
}

task<> limit_one_client(runtime::world& world) {
  co_await set_quota(world, "client-id", "app", "producer_byte_rate", 1'000);
  use slow;
  use fast;
  runtime::task_group group("clients");
  const auto end = runtime::shard::current().now() + 5s;
  group.spawn(produce_until(world, "app", 0, 1'000, end, slow));
  group.spawn(produce_until(world, "other", 0, 1'000, end, fast));
  co_await group.join();
  EXPECT_LT(slow.bytes, 15'000);
  EXPECT_GT(fast.bytes, 20 * slow.bytes);
  EXPECT_EQ(fast.longest_throttle_ms, 0);
  EXPECT_GT(slow.longest_throttle_ms, 0);
  // A quota that is gone holds nobody back, and the next answer says so.
  client admin = co_await client::open(world, "admin");
  protocol::alter_client_quotas_request message;
  auto& entry = message.entries.emplace_back();
  entry.entity.push_back({"client-id", "app"});
  entry.ops.push_back({.key = "producer_byte_rate", .remove = true});
  (void)co_await admin.ask<protocol::alter_client_quotas_response>(std::move(message), 1);
  use free;
  co_await produce_until(world, "app", 0, 1'000, runtime::shard::current().now() + 100ms, free);
  EXPECT_GT(free.bytes, slow.bytes);
  EXPECT_EQ(free.longest_throttle_ms, 0);
}
TEST(quota_broker, only_the_named_client_is_held_back) {
  in_simulation(limit_one_client);
}

// A batch that is larger than the whole window must get through.
task<> fetch_a_large_batch(runtime::world& world) {
  use written;
  co_await produce_until(world, "writer", 0, 40'000, runtime::shard::current().now() + 1ms,
                         written);
  co_await set_quota(world, "client-id", "reader", "consumer_byte_rate", 1'000);
  use used;
  co_await fetch_until(world, "reader", 0, runtime::shard::current().now() + 1s, used);
  EXPECT_GE(used.bytes, 40'000);
}
TEST(quota_broker, a_batch_above_the_window_is_fetched) {
  in_simulation(fetch_a_large_batch);
}

task<> refuse_mutations(runtime::world& world) {
  client admin = co_await client::open(world, "admin");
  client strict = co_await client::open(world, "maker");
  client old = co_await client::open(world, "maker");
  co_await set_quota(world, "client-id", "maker", "controller_mutation_rate", 2);
  EXPECT_EQ((co_await create(strict, "a", 20)).topics.front().error_code, error_code::none);
  const auto refused = co_await create(strict, "b", 1);
  EXPECT_EQ(refused.topics.front().error_code, error_code::throttling_quota_exceeded);
  EXPECT_GT(refused.throttle_time_ms, 5'000);
  EXPECT_LE(refused.throttle_time_ms, 7'000);
  const auto delayed = co_await create(old, "c", 2, 5);
  EXPECT_EQ(delayed.topics.front().error_code, error_code::none);
  EXPECT_GT(delayed.throttle_time_ms, 6'000);
  EXPECT_EQ((co_await create(admin, "d", 20)).topics.front().error_code, error_code::none);
  // The connection that was refused is not read from for that long.
  const auto begin = runtime::shard::current().now();
  protocol::delete_topics_request gone;
  gone.topic_names = {"a"};
  gone.timeout_ms = 1'000;
  const auto deleted = co_await strict.ask<protocol::delete_topics_response>(gone, 5);
  EXPECT_GT(runtime::shard::current().now() - begin, 4s);
  EXPECT_EQ(deleted.responses.front().error_code, error_code::throttling_quota_exceeded)
      << "the old client has overdrawn it further";
  co_await runtime::sleep_for(10s);
  const auto later = co_await strict.ask<protocol::delete_topics_response>(gone, 5);
  EXPECT_EQ(later.responses.front().error_code, error_code::none);
}
TEST(quota_broker, changes_of_topics_are_refused_or_delayed) {
  in_simulation(refuse_mutations);
}

task<> delay_automatic_creation(runtime::world& world) {
  client it = co_await client::open(world, "maker");
  co_await set_quota(world, "client-id", "maker", "controller_mutation_rate", 0.1);
  protocol::metadata_request message;
  message.topics->push_back({.name = "made"});
  const auto answer = co_await it.ask<protocol::metadata_response>(message, 8);
  EXPECT_EQ(answer.topics.front().error_code, error_code::none);
  EXPECT_GT(answer.throttle_time_ms, 6'000);
}
TEST(quota_broker, topics_that_make_themselves_count_too) {
  in_simulation(delay_automatic_creation);
}

task<> hold_connections(runtime::world& world) {
  co_await set_quota(world, "ip", "127.0.0.1", "connection_creation_rate", 5);
  std::vector<client> served;
  for (int i = 0; i < 10; ++i) {
    served.push_back(co_await client::open(world, "app"));
  }
  const auto begin = runtime::shard::current().now();
  client late = co_await client::open(world, "app");
  EXPECT_TRUE(co_await late.raw().is_closed());
  EXPECT_GT(runtime::shard::current().now() - begin, 100ms) << "it is held before it is closed";
  EXPECT_LE(runtime::shard::current().now() - begin, 1100ms);
  const auto answer =
      co_await served.front().ask<protocol::metadata_response>(protocol::metadata_request(), 8);
  EXPECT_FALSE(answer.brokers.empty());
  co_await runtime::sleep_for(3s);
  client again = co_await client::open(world, "app");
  EXPECT_FALSE((co_await again.ask<protocol::metadata_response>(protocol::metadata_request(), 8))
                   .brokers.empty());
}
TEST(quota_broker, connections_that_come_too_soon_are_held_and_closed) {
  in_simulation(hold_connections);
}

}  // namespace
}  // namespace barnabas::broker
