// Requests about partitions that are well-formed and make no sense, in a whole broker in a
// simulated world. What they are answered was compared with Apache Kafka 3.9 and 4.3; where that
// fails with UNKNOWN_SERVER_ERROR, INVALID_REQUEST is answered here.
#include <gmock/gmock.h>

#include "base/log.h"
#include "broker/broker.h"
#include "broker/tests/broker_client.h"
#include "metastore/memory_store.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_records_request.h"
#include "protocol/messages/delete_records_response.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "record/batch_builder.h"
#include "runtime/simulated/simulation.h"

namespace barnabas::broker {
namespace {

using runtime::task;
using testing::SizeIs;

constexpr std::int16_t produce_version = 8;
constexpr std::int16_t fetch_version = 11;
constexpr std::int16_t list_offsets_version = 5;
constexpr std::int16_t delete_records_version = 2;

// Each of `partitions` gets a batch of one record.
task<protocol::produce_response> produce(broker_client& by, std::vector<std::int32_t> partitions) {
  record::batch_builder builder({});
  builder.append({.timestamp = 1, .value = as_bytes("x")});
  const std::vector<std::byte> batch = builder.build();
  protocol::produce_request message;
  message.acks = 1;
  message.timeout_ms = 1'000;
  auto& topic = message.topic_data.emplace_back();
  topic.name = "t";
  for (const std::int32_t partition : partitions) {
    auto& data = topic.partition_data.emplace_back();
    data.index = partition;
    data.records = protocol::records(batch);
  }
  co_return co_await by.ask<protocol::produce_response>(std::move(message), produce_version);
}

protocol::fetch_request fetch_of(std::int32_t partition, std::int32_t max_bytes = 1'000) {
  protocol::fetch_request message;
  message.max_wait_ms = 10;
  message.min_bytes = 1;
  message.session_epoch = -1;
  auto& topic = message.topics.emplace_back();
  topic.topic = "t";
  topic.partitions.push_back({.partition = partition, .partition_max_bytes = max_bytes});
  return message;
}

struct fetched {
  error_code of_all;
  error_code of_partition;
};
task<fetched> fetch(broker_client& by, protocol::fetch_request message,
                    std::int16_t version = fetch_version) {
  const auto answer = co_await by.ask<protocol::fetch_response>(std::move(message), version);
  EXPECT_THAT(answer.responses, SizeIs(1));
  EXPECT_THAT(answer.responses.at(0).partitions, SizeIs(1));
  co_return fetched{answer.error_code, answer.responses.at(0).partitions.at(0).error_code};
}

task<> odd_fetches(broker_client& by) {
  co_await produce(by, {0});
  for (const std::int8_t level : {-1, 2}) {
    auto message = fetch_of(0);
    message.isolation_level = level;
    const auto refused = co_await fetch(by, message);
    EXPECT_EQ(refused.of_all, error_code::invalid_request);
    EXPECT_EQ(refused.of_partition, error_code::invalid_request);
    EXPECT_EQ((co_await fetch(by, message, 4)).of_partition, error_code::invalid_request);
  }
  auto message = fetch_of(0);
  message.max_bytes = -1;
  EXPECT_EQ((co_await fetch(by, message)).of_partition, error_code::invalid_request);
  message.max_bytes = 0;
  EXPECT_EQ((co_await fetch(by, message)).of_partition, error_code::none);
  const auto refused = co_await fetch(by, fetch_of(0, -1));
  EXPECT_EQ(refused.of_all, error_code::none);
  EXPECT_EQ(refused.of_partition, error_code::invalid_request);
  EXPECT_EQ((co_await fetch(by, fetch_of(0, 0))).of_partition, error_code::none);
  for (const std::int32_t replica : {1, 9}) {  // the leader itself, and no replica
    message = fetch_of(0);
    message.replica_id = replica;
    EXPECT_EQ((co_await fetch(by, message)).of_partition, error_code::not_leader_or_follower);
  }
  message = fetch_of(0);
  message.topics[0].partitions[0].current_leader_epoch = -2;
  EXPECT_EQ((co_await fetch(by, message)).of_partition, error_code::none);
}

task<> odd_offsets(broker_client& by) {
  co_await produce(by, {0});
  protocol::list_offsets_request message;
  for (const std::int64_t timestamp : {-1, -2}) {
    auto& topic = message.topics.emplace_back();
    topic.name = "t";
    topic.partitions.push_back({.partition_index = 0, .timestamp = timestamp});
  }
  message.topics[1].partitions.push_back({.partition_index = 1, .timestamp = -1});
  const auto repeated =
      co_await by.ask<protocol::list_offsets_response>(message, list_offsets_version);
  EXPECT_EQ(repeated.topics[0].partitions[0].error_code, error_code::invalid_request);
  EXPECT_EQ(repeated.topics[1].partitions[0].error_code, error_code::invalid_request);
  EXPECT_EQ(repeated.topics[1].partitions[1].error_code, error_code::none);
  message.topics.resize(1);
  for (const std::int8_t level : {0, 1, 2, -1}) {
    message.isolation_level = level;
    const auto answer =
        co_await by.ask<protocol::list_offsets_response>(message, list_offsets_version);
    EXPECT_EQ(answer.topics[0].partitions[0].error_code,
              level == 0 || level == 1 ? error_code::none : error_code::invalid_request);
  }
  message.isolation_level = 0;
  message.topics[0].partitions[0].current_leader_epoch = -2;
  const auto fenced =
      co_await by.ask<protocol::list_offsets_response>(message, list_offsets_version);
  EXPECT_EQ(fenced.topics[0].partitions[0].error_code, error_code::fenced_leader_epoch)
      << "a Fetch takes it for unknown";
}

task<> odd_deletions(broker_client& by) {
  for (int i = 0; i < 4; ++i) {
    co_await produce(by, {0});
  }
  protocol::delete_records_request message;
  message.timeout_ms = 1'000;
  auto& topic = message.topics.emplace_back();
  topic.name = "t";
  topic.partitions = {{.partition_index = 0, .offset = 3}, {.partition_index = 0, .offset = 2}};
  const auto answer =
      co_await by.ask<protocol::delete_records_response>(message, delete_records_version);
  EXPECT_THAT(answer.topics.at(0).partitions, SizeIs(1));
  EXPECT_EQ(answer.topics.at(0).partitions.at(0).low_watermark, 2);
}

// Kafka appends the last alone and answers for it; the producer then takes the other for written.
task<> repeated_batches(broker_client& by) {
  const auto answer = co_await produce(by, {0, 1, 0});
  const auto& partitions = answer.responses.at(0).partition_responses;
  EXPECT_THAT(partitions, SizeIs(3));
  EXPECT_EQ(partitions.at(0).base_offset, 0);
  EXPECT_EQ(partitions.at(1).base_offset, 0);
  EXPECT_EQ(partitions.at(2).base_offset, 1) << "both are written, in their order";
}

task<> with_broker(runtime::world& world, task<> (*work)(broker_client&), bool& has_ended) {
  config_remarks remarks;
  metastore::memory_store store;
  broker it(world,
            *make_server_config({{"listeners", "PLAINTEXT://127.0.0.1:9092", 0},
                                 {"broker.id", "1", 0},
                                 {"log.dirs", "/data", 0}},
                                remarks),
            &store);
  EXPECT_TRUE(co_await it.start());
  {
    broker_client by = co_await broker_client::open(world, "client");
    protocol::create_topics_request message;
    message.topics.push_back({.name = "t", .num_partitions = 2, .replication_factor = 1});
    message.timeout_ms = 10'000;
    co_await by.ask<protocol::create_topics_response>(std::move(message), 7);
    co_await work(by);
  }
  co_await it.stop();
  has_ended = true;
}

void in_simulation(task<> (*work)(broker_client&)) {
  set_log_level(log_level::off);
  runtime::simulated::simulation simulation(7);
  bool has_ended = false;
  simulation.add_machine("one", 2).start(
      [&](runtime::world& world) { return with_broker(world, work, has_ended); });
  EXPECT_TRUE(simulation.run_until([&] { return has_ended; }, std::chrono::minutes(10)));
}

TEST(odd_requests, a_fetch_with_numbers_that_mean_nothing_is_refused) {
  in_simulation(odd_fetches);
}
TEST(odd_requests, offsets_of_a_partition_that_is_named_twice_are_refused) {
  in_simulation(odd_offsets);
}
TEST(odd_requests, records_are_deleted_up_to_where_it_was_said_last) {
  in_simulation(odd_deletions);
}
TEST(odd_requests, all_batches_of_a_partition_that_is_named_twice_are_written) {
  in_simulation(repeated_batches);
}

}  // namespace
}  // namespace barnabas::broker
