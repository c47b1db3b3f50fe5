#include <fmt/format.h>

#include "scripted_producer.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;

TEST(producer, reports_offsets_and_latency) {
  const auto fates = fates_of({.records = 3}, [](const asked& question) {
    return produced(question, error_code::none, 40);
  });
  ASSERT_EQ(fates.size(), 3U);
  for (const auto& [tag, of] : fates) {
    EXPECT_EQ(of.code, error_code::none) << of.message;
    EXPECT_EQ(of.offset, 40 + static_cast<std::int64_t>(tag));
    EXPECT_GT(of.latency, 0ns);
    EXPECT_LT(of.latency, 50ms);
  }
}

TEST(producer, tells_only_of_failures_who_hears_no_more) {
  const plan what{.settings = {{"batch.num.messages", "1"}}, .records = 3, .only_failures = true};
  int asked_times = 0;
  const auto fates = fates_of(what, [&](const asked& question) {
    const bool fails = ++asked_times == 2;
    return produced(question, fails ? error_code::message_too_large : error_code::none, 40);
  });
  ASSERT_EQ(fates.size(), 1U);
  EXPECT_EQ(fates.begin()->second.code, error_code::message_too_large);
}

// What has lingered while others of its partition cannot be sent is filled further.
TEST(producer, fills_batches_while_a_broker_is_slow) {
  const plan what{
      .settings = {{"linger.ms", "1"}, {"max.in.flight", "1"}}, .records = 300, .between = 1ms};
  int requests = 0;
  std::int64_t offset = 0;
  const auto fates = fates_of(what, [&](const asked& question) {
    ++requests;
    const std::int32_t records = batch_in(question).record_count();
    offset += records;
    reply answer = produced(question, error_code::none, offset - records);
    answer.after = 50ms;
    return answer;
  });
  ASSERT_EQ(fates.size(), 300U);
  for (const auto& [tag, of] : fates) {
    EXPECT_EQ(of.offset, static_cast<std::int64_t>(tag)) << of.message;
  }
  EXPECT_LT(requests, 15);  // of 300 ms in all, with one in flight for 50 ms
}

// Each code is answered once and then success: what may be sent again is, the
// rest is reported with the broker's words.
TEST(producer, sends_again_or_reports_every_error_code) {
  for (int number = -1; number < 134; ++number) {
    const auto code = static_cast<error_code>(number);
    if (code == error_code::none || error_name(code) == "UNKNOWN") {
      continue;
    }
    int asked_times = 0;
    const auto fates = fates_of({}, [&](const asked& question) {
      return ++asked_times == 1 ? produced(question, code, -1, "these words")
                                : produced(question, error_code::none, 5);
    });
    ASSERT_EQ(fates.size(), 1U) << error_name(code);
    const fate& of = fates.at(0);
    const bool is_sequence =
        code == error_code::out_of_order_sequence_number || code == error_code::unknown_producer_id;
    if (code == error_code::duplicate_sequence_number) {
      EXPECT_EQ(of.code, error_code::none);
      EXPECT_EQ(of.offset, -1);
    } else if (is_retriable(code) || is_sequence) {
      EXPECT_EQ(of.code, error_code::none) << error_name(code) << ": " << of.message;
      EXPECT_EQ(of.offset, 5) << error_name(code);
    } else {
      EXPECT_EQ(of.code, code);
      EXPECT_NE(of.message.find("these words"), std::string::npos) << of.message;
      EXPECT_EQ(asked_times, 1) << error_name(code);
    }
  }
}

TEST(producer, gives_up_at_the_delivery_timeout) {
  const auto fates =
      fates_of({.settings = {{"delivery.timeout.ms", "2000"}}}, [](const asked& question) {
        return produced(question, error_code::not_leader_or_follower, -1);
      });
  EXPECT_EQ(fates.at(0).code, error_code::request_timed_out);
  EXPECT_GT(fates.at(0).latency, 1900ms);
  EXPECT_LT(fates.at(0).latency, 2200ms);
}

TEST(producer, gives_up_after_so_many_retries) {
  int asked_times = 0;
  const auto fates = fates_of({.settings = {{"retries", "3"}}}, [&](const asked& question) {
    ++asked_times;
    return produced(question, error_code::not_enough_replicas, -1);
  });
  EXPECT_EQ(fates.at(0).code, error_code::not_enough_replicas);
  EXPECT_EQ(asked_times, 4);
}

TEST(producer, bears_garbage_for_an_answer) {
  for (const std::size_t length : {1U, 4U, 9U, 100U}) {
    int asked_times = 0;
    const auto fates = fates_of({.records = 2}, [&](const asked& question) {
      return ++asked_times == 1 ? reply{std::vector(length, std::byte{0x55}), true}
                                : produced(question, error_code::none, 0);
    });
    ASSERT_EQ(fates.size(), 2U);
    EXPECT_EQ(fates.at(0).code, error_code::none) << fates.at(0).message;
    EXPECT_EQ(fates.at(1).offset, 1);
  }
}

TEST(producer, fails_what_a_broker_leaves_out_of_its_answer) {
  const auto fates = fates_of({}, [](const asked& question) {
    return reply{rpc::answer_frame(question, protocol::produce_response{})};
  });
  EXPECT_EQ(fates.at(0).code, error_code::unknown_server_error);
}

TEST(producer, waits_for_no_answer_with_acks_0) {
  const auto fates =
      fates_of({.settings = {{"acks", "0"}}, .records = 5}, [](const asked&) { return reply{}; });
  ASSERT_EQ(fates.size(), 5U);
  for (const auto& [tag, of] : fates) {
    EXPECT_EQ(of.code, error_code::none) << of.message;
    EXPECT_EQ(of.offset, -1);
  }
}

TEST(producer, refuses_a_record_that_no_request_can_take) {
  const auto fates = fates_of({.settings = {{"message.max.bytes", "1000"}}, .value_bytes = 2000},
                              [](const asked&) { return reply{}; });
  EXPECT_EQ(fates.at(0).code, error_code::message_too_large);
  EXPECT_NE(fates.at(0).message.find("message.max.bytes=1000"), std::string::npos);
}

TEST(producer, keeps_the_order_of_a_partition_when_answers_fail) {
  for (const std::string compression : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    int asked_times = 0;
    const auto fates = fates_of(
        {.settings = {{"linger.ms", "0"}, {"compression.type", compression}},
         .records = 100,
         .between = 200us},
        [&](const asked& question) {
          return ++asked_times % 7 == 0 ? reply{{}, true}
                                        : produced(question, error_code::none, asked_times * 1000);
        });
    ASSERT_EQ(fates.size(), 100U);
    std::int64_t last = -1;
    for (const auto& [tag, of] : fates) {
      ASSERT_EQ(of.code, error_code::none) << of.message;
      EXPECT_GT(of.offset, last) << "record " << tag << " with " << compression;
      last = of.offset;
    }
  }
}

// The second record is never answered and expires; the third was written, and its answer is lost.
// It must come again under its old number, for under a new one it would stand twice in the log.
TEST(producer, renumbers_nothing_that_may_have_been_written) {
  struct numbered {
    std::int16_t epoch;
    std::int32_t sequence;
    auto operator<=>(const numbered&) const = default;
  };
  std::vector<numbered> asked_for;
  std::optional<runtime::steady_time> begin;
  const auto fates =
      fates_of({.settings = {{"delivery.timeout.ms", "2000"},
                             {"request.timeout.ms", "300"},
                             {"linger.ms", "0"},
                             {"retry.backoff.ms", "20"},
                             {"retry.backoff.max.ms", "50"}},
                .records = 4,
                .between = 900ms},
               [&](const asked& question) {
                 const auto batch = batch_in(question);
                 asked_for.push_back({batch.producer_epoch(), batch.base_sequence()});
                 if (asked_for.back() == numbered{0, 0}) {
                   return produced(question, error_code::none, 0);
                 }
                 const auto now = runtime::shard::current().now();
                 begin = begin.value_or(now);
                 // As a broker that has written all but the second: it is silent until that has
                 // expired.
                 if (asked_for.back() == numbered{0, 1}) {
                   return reply{};
                 }
                 const bool has_expired = now > *begin + 2100ms;
                 return has_expired ? produced(question, error_code::duplicate_sequence_number, -1)
                                    : reply{};
               });
  EXPECT_EQ(fates.at(1).code, error_code::request_timed_out);
  EXPECT_EQ(fates.at(2).code, error_code::none) << fates.at(2).message;
  const auto third = std::ranges::count(asked_for, numbered{0, 2});
  EXPECT_GE(third, 2) << "it was sent, and sent again";
  EXPECT_EQ(std::ranges::count(asked_for, numbered{1, 0}), 0)
      << "nothing that may have been written has a new number";
}

protocol::metadata_response fast_and_slow() {
  auto answer = one_partition("t");
  answer.brokers.push_back({.node_id = 2, .host = "slow", .port = 9092});
  answer.topics[0].partitions.push_back({.partition_index = 1, .leader_id = 2, .leader_epoch = 3});
  return answer;
}

// Of 400 records without a key, how many go to the partition whose leader takes a batch every
// 100 ms.
int records_of_the_slow_one(const std::string& is_adaptive) {
  const plan what{.settings = {{"partitioner.adaptive.partitioning.enable", is_adaptive},
                               {"partitioner", "sticky"},
                               {"max.in.flight", "1"},
                               {"batch.size", "300"}},
                  .records = 400,
                  .value_bytes = 100,
                  .between = 1ms};
  listener told;
  rpc::scripted_world world(cluster_as(fast_and_slow, [](const asked& question) {
    return produced(question, error_code::none, 0);
  }));
  int records = 0;
  int accepted = 0;
  const rpc::script slow = cluster_as(fast_and_slow, [&](const asked& question) {
    records += batch_in(question).record_count();
    reply answer = produced(question, error_code::none, 0, "", 1);
    answer.after = 100ms;
    return answer;
  });
  auto& machine = world.sim().add_machine("slow", 1);
  machine.start([&](runtime::world& w) { return rpc::serve(w, slow, accepted); });
  world.run([&](runtime::world& w) { return produce(w, what, told); });
  EXPECT_EQ(told.fates.size(), 400U);
  return records;
}

TEST(sticky_partitioner, gives_less_to_a_partition_with_more_that_waits) {
  const int without = records_of_the_slow_one("false");
  EXPECT_GT(without, 140);
  EXPECT_LT(without, 260);
  const int with = records_of_the_slow_one("true");
  EXPECT_GT(with, 0);
  EXPECT_LT(with, 100);
}

TEST(sticky_partitioner, gives_nothing_to_partitions_without_a_leader_while_others_have_one) {
  for (const std::string is_adaptive : {"true", "false"}) {
    bool has_begun = false;
    const auto described = [&] {
      auto answer = one_partition("t");
      answer.topics[0].partitions.insert(answer.topics[0].partitions.begin(),
                                         {.partition_index = 1, .leader_id = -1});
      if (!std::exchange(has_begun, true)) {
        answer.topics[0].partitions.back().leader_id = -1;  // nor has any other one at first
      }
      return answer;
    };
    const plan what{.settings = {{"partitioner.adaptive.partitioning.enable", is_adaptive},
                                 {"partitioner", "sticky"},
                                 {"batch.size", "300"},
                                 {"delivery.timeout.ms", "5000"}},
                    .records = 100,
                    .value_bytes = 100,
                    .between = 10ms};
    listener told;
    std::set<std::int32_t> partitions;
    rpc::scripted_world world(cluster_as(described, [&](const asked& question) {
      const auto request = rpc::request_in<protocol::produce_request>(question);
      partitions.insert(request.topic_data[0].partition_data[0].index);
      return produced(question, error_code::none, 0);
    }));
    world.run([&](runtime::world& w) { return produce(w, what, told); });
    EXPECT_EQ(partitions, std::set<std::int32_t>{0});
    EXPECT_EQ(told.fates.size(), 100U);
    const auto failed = std::ranges::count_if(
        told.fates, [](const auto& each) { return each.second.code != error_code::none; });
    EXPECT_LT(failed, 60) << "only of those from before there was a leader";
    EXPECT_EQ(told.fates.at(99).code, error_code::none);
  }
}

TEST(accumulator, says_when_the_queue_is_full) {
  int delivered = 0;
  listener told;
  const plan what{.settings = {{"queue.buffering.max.messages", "10"}}, .records = 100};
  rpc::scripted_world world(cluster_of_one([&](const asked& question) {
    ++delivered;
    return produced(question, error_code::none, 0);
  }));
  world.run([&](runtime::world& w) { return produce(w, what, told); });
  EXPECT_EQ(told.fates.size(), 100U);
  EXPECT_GE(delivered, 10) << "at most 10 records are under way at a time";
}

}  // namespace
}  // namespace barnabas::client
