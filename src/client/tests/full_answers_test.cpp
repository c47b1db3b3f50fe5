// Answers to a fetch that are full: what is cut off at their end, and how large the next may be.
#include "client/answer_size.h"
#include "protocol/messages/fetch_request.h"
#include "scripted_consumer.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;

constexpr std::int32_t mib = 1 << 20;

TEST(answer_size, grows_while_answers_are_full_and_far_and_the_reader_waits) {
  answer_size size(1, 50 * mib);
  EXPECT_EQ(size.bytes(), 4 * mib);
  size.answered(4 * mib, 10ms, true);  // near
  size.answered(2 * mib, 1s, true);    // not full
  size.answered(4 * mib, 1s, false);   // soon enough
  EXPECT_EQ(size.bytes(), 4 * mib);
  for (const int larger : {8, 16, 32, 50, 50}) {
    size.answered(size.bytes(), 100ms, true);
    EXPECT_EQ(size.bytes(), larger * mib);
  }
  for (const int smaller : {25, 12}) {
    size.answered(size.bytes(), 1ms, true);
    EXPECT_EQ(size.bytes() / mib, smaller);
  }
  for (int i = 0; i < 3; ++i) {
    size.answered(size.bytes(), 1ms, true);
  }
  EXPECT_EQ(size.bytes(), 4 * mib);
}

TEST(answer_size, stays_within_the_settings) {
  answer_size small(1, 1000);
  small.answered(1000, 1s, true);
  EXPECT_EQ(small.bytes(), 1000);
  answer_size large(20 * mib, 50 * mib);
  large.answered(20 * mib, 1ms, true);
  EXPECT_EQ(large.bytes(), 20 * mib);
}

// Two partitions with two records each; the batch of the second does not fit into the first answer.
struct full_answers : testing::Test {
  reply answer(const asked& question) {
    const auto request = rpc::request_in<protocol::fetch_request>(question);
    EXPECT_EQ(request.max_bytes, 4 * mib);
    ++fetches;
    protocol::fetch_response answer;
    answer.session_id = 9;
    auto& topic = answer.responses.emplace_back();
    topic.topic = "t";
    auto& parts = topic.partitions;
    const bytes_view whole = batch;
    if (fetches == 1) {
      parts.push_back({.partition_index = 0, .records = protocol::records(whole)});
      parts.push_back(
          {.partition_index = 1, .records = protocol::records(whole.first(whole.size() - 1))});
    } else if (fetches == 2) {
      parts.push_back({.partition_index = 1, .records = protocol::records(whole)});
    }
    return {rpc::answer_frame(question, answer)};
  }
  static protocol::metadata_response two_partitions() {
    auto answer = one_partition("t");
    answer.topics[0].partitions.push_back(
        {.partition_index = 1, .leader_id = 1, .leader_epoch = 3});
    return answer;
  }
  task<> read(runtime::world& world) {
    const setting_map settings{{"bootstrap.servers", "broker:9092"},
                               {"auto.offset.reset", "earliest"}};
    consumer_core consumer(world, *make_consumer_configuration(settings));
    consumer.start();
    consumer.fetching().assign({{"t", 0}, {"t", 1}});
    EXPECT_TRUE(consumer.fetching().seek({"t", 0}, 0));
    EXPECT_TRUE(consumer.fetching().seek({"t", 1}, 0));
    recycled_buffers memory(1);
    std::optional<runtime::steady_time> first;
    while (pieces < 2) {
      auto piece = consumer.queue().take();
      if (!piece) {
        co_await runtime::sleep_for(1ms);
        continue;
      }
      const auto now = runtime::shard::current().now();
      first = first.value_or(now);
      last = now - *first;
      ++pieces;
      consumer.fetching().wake();
      EXPECT_TRUE(piece->trouble) << piece->trouble.error().message;
      piece_reader reader(std::move(*piece), true, memory);
      EXPECT_EQ(offsets_of(reader), (std::vector<std::int64_t>{0, 1}));
    }
    co_await consumer.stop();
  }

  std::vector<std::byte> batch = batch_at(0, 2, record::compression_type::none);
  int fetches = 0;
  int pieces = 0;
  runtime::duration last{};
};

TEST_F(full_answers, leave_records_out_that_are_asked_for_again_at_once) {
  rpc::scripted_world world(
      cluster_as(two_partitions, [this](const asked& question) { return answer(question); }));
  world.run([this](runtime::world& w) { return read(w); });
  EXPECT_EQ(pieces, 2);
  EXPECT_LT(last, 50ms);  // retry.backoff.ms is 100
}

}  // namespace
}  // namespace barnabas::client
