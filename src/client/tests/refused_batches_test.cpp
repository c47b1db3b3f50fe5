// What a log comes to hold when it refuses batches.
#include <fmt/format.h>

#include "record/record_reader.h"
#include "scripted_producer.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;

// A log as Kafka's: it takes no batch over its bytes, and of a producer whatever comes first, and
// then what follows only.
struct strict_log {
  std::size_t most_bytes = 10'000;
  std::vector<std::string> values;
  std::int16_t epoch = 0;
  std::optional<std::int32_t> next;
  int refused = 0;

  reply take(const asked& question) {
    const auto batch = batch_in(question);
    if (batch.size_bytes() > most_bytes) {
      ++refused;
      return produced(question, error_code::message_too_large, -1, "these words");
    }
    if (batch.has_producer_id()) {
      if (next && batch.producer_epoch() > epoch) {
        next = 0;
      }
      if (batch.base_sequence() != next.value_or(batch.base_sequence())) {
        return produced(question, error_code::out_of_order_sequence_number, -1);
      }
      epoch = batch.producer_epoch();
      next = batch.base_sequence() + batch.record_count();
    }
    const auto offset = static_cast<std::int64_t>(values.size());
    record::record_reader reader(batch);
    while (const auto read = reader.next().value_or(std::nullopt)) {
      values.emplace_back(as_text(*read->value));
    }
    EXPECT_EQ(values.size(), static_cast<std::size_t>(offset) + batch.record_count());
    return produced(question, error_code::none, offset);
  }
};

TEST(split_batches, bring_every_record_in_order) {
  for (const std::string compression : {"none", "lz4"}) {
    for (const std::string is_idempotent : {"true", "false"}) {
      strict_log log{.most_bytes = 250};
      plan what{.settings = {{"linger.ms", "20"},
                             {"enable.idempotence", is_idempotent},
                             {"max.in.flight", is_idempotent == "true" ? "5" : "1"},
                             {"compression.type", compression}},
                .records = 500,
                .between = 500us,
                .numbered = true};
      const auto fates = fates_of(what, [&](const asked& question) { return log.take(question); });
      ASSERT_EQ(fates.size(), 500U);
      EXPECT_GT(log.refused, 0);
      ASSERT_EQ(log.values.size(), 500U);
      for (const auto& [tag, of] : fates) {
        ASSERT_EQ(of.code, error_code::none) << of.message;
        EXPECT_EQ(of.offset, static_cast<std::int64_t>(tag));
        EXPECT_EQ(log.values[tag], std::to_string(tag));
      }
    }
  }
}

TEST(split_batches, end_at_the_record_that_is_too_large) {
  strict_log log{.most_bytes = 250};
  listener told;
  rpc::scripted_world world(
      cluster_of_one([&](const asked& question) { return log.take(question); }));
  const plan what{.settings = {{"linger.ms", "50"}}, .records = 40, .numbered = true, .large = 17};
  world.run([&](runtime::world& w) { return produce(w, what, told); });
  ASSERT_EQ(told.fates.size(), 40U);
  for (const auto& [tag, of] : told.fates) {
    EXPECT_EQ(of.code, tag == 17 ? error_code::message_too_large : error_code::none) << tag;
    EXPECT_EQ(of.message, tag == 17 ? "MESSAGE_TOO_LARGE: these words" : "");
  }
  EXPECT_EQ(log.values.size(), 39U);
  EXPECT_TRUE(std::ranges::is_sorted(log.values, {},
                                     [](const std::string& value) { return std::stoi(value); }));
}

// A leader that does not know yet that it is one.
TEST(new_partition, keeps_the_order_though_its_first_batches_are_refused) {
  strict_log log;
  int asked_times = 0;
  const plan what{.settings = {{"linger.ms", "0"}, {"batch.num.messages", "1"}},
                  .records = 50,
                  .between = 100us,
                  .numbered = true};
  const auto fates = fates_of(what, [&](const asked& question) {
    reply answer = ++asked_times <= 2 ? produced(question, error_code::not_leader_or_follower, -1)
                                      : log.take(question);
    answer.after = 2ms;
    return answer;
  });
  ASSERT_EQ(fates.size(), 50U);
  for (const auto& [tag, of] : fates) {
    ASSERT_EQ(of.code, error_code::none) << of.message;
    EXPECT_EQ(of.offset, static_cast<std::int64_t>(tag));
  }
}

// A broker that has forgotten the producer while it was idle, and is no leader at first.
task<> produce_after_a_rest(runtime::world& world, runtime::duration rest, listener& told) {
  producer_core producer(world, *make_producer_configuration({{"bootstrap.servers", "broker:9092"},
                                                              {"linger.ms", "0"},
                                                              {"batch.num.messages", "1"}}));
  producer.start();
  for (std::uint64_t i = 0; i < 6; ++i) {
    const std::string value = std::to_string(i);
    const auto done = co_await append(
        producer.records(), {.topic = "t", .value = as_bytes(value), .tag = i, .listener = &told});
    EXPECT_TRUE(done);
    co_await runtime::sleep_for(i == 2 ? rest : 100us);
  }
  while (producer.records().outstanding() > 0) {
    co_await runtime::sleep_for(1ms);
  }
  co_await producer.stop();
}

// How many were in flight at once after the rest.
std::size_t in_flight_after(runtime::duration rest) {
  std::vector<runtime::steady_time> asked_at;
  listener told;
  rpc::scripted_world world(cluster_of_one([&](const asked& question) {
    asked_at.push_back(runtime::shard::current().now());
    reply answer = produced(question, error_code::none, batch_in(question).base_sequence());
    answer.after = 5ms;
    return answer;
  }));
  world.client().start([&](runtime::world& w) { return produce_after_a_rest(w, rest, told); });
  EXPECT_TRUE(world.sim().run_until([&] { return !world.client().is_running(); }, 2min));
  EXPECT_EQ(told.fates.size(), 6U);
  EXPECT_EQ(asked_at.size(), 6U);
  // The script answers one after the other: what waits for its answer arrives 5 ms after it.
  return asked_at.size() < 6 || asked_at[4] - asked_at[3] > 5ms + 90us ? 1 : 2;
}

TEST(idle_partition, has_one_batch_in_flight_when_the_broker_may_have_forgotten_the_producer) {
  EXPECT_EQ(in_flight_after(50s), 2U);
  EXPECT_EQ(in_flight_after(61s), 1U);
}

}  // namespace
}  // namespace barnabas::client
