// A leader and a follower that is closer to the consumer (KIP-392).
#include "protocol/messages/fetch_request.h"
#include "scripted_consumer.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;

protocol::metadata_response leader_and_follower() {
  auto answer = one_partition("t");
  answer.brokers.push_back({.node_id = 2, .host = "follower", .port = 9092});
  return answer;
}

std::int64_t offset_in(const asked& question) {
  const auto request = rpc::request_in<protocol::fetch_request>(question);
  EXPECT_EQ(request.rack_id, "here");
  return request.topics.at(0).partitions.at(0).fetch_offset;
}

// Without records, as a leader answers that has a better place to read.
reply sent_to(const asked& question, std::int32_t replica) {
  protocol::fetch_response answer;
  answer.responses = {
      {.topic = "t", .partitions = {{.partition_index = 0, .preferred_read_replica = replica}}}};
  return {rpc::answer_frame(question, answer)};
}

// Answers are of no session, so that each request names its offset.
reply records_from(const asked& question) {
  return fetched(question, error_code::none, offset_in(question), 0);
}

struct closest_replica : testing::Test {
  consumed read(std::size_t enough, setting_map settings = {}) {
    settings.emplace("client.rack", "here");
    settings.emplace("auto.offset.reset", "earliest");
    consumed got;
    rpc::scripted_world world(cluster_as(leader_and_follower, [this](const asked& question) {
      order += 'l';
      return leader(question);
    }));
    follower_accepted = 0;
    const rpc::script other = cluster_as(leader_and_follower, [this](const asked& question) {
      order += 'f';
      return follower(question);
    });
    auto& machine = world.sim().add_machine("follower", 1);
    machine.start([&](runtime::world& w) { return rpc::serve(w, other, follower_accepted); });
    world.run([&](runtime::world& w) { return consume(w, settings, enough, got); });
    EXPECT_TRUE(std::ranges::is_sorted(got.offsets));
    EXPECT_EQ(got.offsets.empty() ? 0 : got.offsets.front(), 0);
    return got;
  }

  std::string order;  // of the brokers that were asked for records
  int follower_accepted = 0;
  rpc::script leader = [](const asked& question) { return sent_to(question, 2); };
  rpc::script follower = records_from;
};

TEST_F(closest_replica, is_read_from_once_the_leader_has_named_it) {
  EXPECT_EQ(read(20).offsets.size(), 20U);
  EXPECT_TRUE(order.starts_with("lffff")) << order;
  EXPECT_EQ(std::ranges::count(order, 'l'), 1);
}

TEST_F(closest_replica, is_asked_for_again_when_metadata_is_old) {
  std::optional<runtime::steady_time> begin;
  follower = [&](const asked& question) {
    const auto now = runtime::shard::current().now();
    begin = begin.value_or(now);
    return now < *begin + 2500ms ? sent_to(question, -1) : records_from(question);
  };
  EXPECT_EQ(read(4, {{"metadata.max.age.ms", "1000"}}).offsets.size(), 4U);
  EXPECT_EQ(std::ranges::count(order, 'l'), 3) << order;
}

TEST_F(closest_replica, is_left_for_the_leader_after_every_error_that_passes) {
  for (int number = -1; number < 134; ++number) {
    const auto code = static_cast<error_code>(number);
    if (!is_retriable(code) && code != error_code::offset_out_of_range) {
      continue;
    }
    order.clear();
    bool has_sent = false;
    bool has_failed = false;
    leader = [&](const asked& question) {
      return std::exchange(has_sent, true) ? records_from(question) : sent_to(question, 2);
    };
    follower = [&](const asked& question) {
      return offset_in(question) >= 4 && !std::exchange(has_failed, true)
                 ? fetched(question, code, 0, 0)
                 : records_from(question);
    };
    const auto got = read(10);
    EXPECT_TRUE(got.errors.empty()) << error_name(code);
    EXPECT_EQ(got.offsets.size(), 10U) << error_name(code);
    EXPECT_TRUE(order.starts_with("lffflll")) << error_name(code) << ' ' << order;
  }
}

TEST_F(closest_replica, that_is_gone_is_left_for_the_leader) {
  bool has_sent = false;
  leader = [&](const asked& question) {
    return std::exchange(has_sent, true) ? records_from(question) : sent_to(question, 2);
  };
  follower = [&](const asked& question) {
    return offset_in(question) < 4 ? records_from(question) : reply{{}, true};
  };
  EXPECT_EQ(read(20).offsets.size(), 20U);
  EXPECT_TRUE(order.starts_with("lffflll")) << order;
}

TEST_F(closest_replica, that_nobody_knows_is_not_waited_for) {
  int answers = 0;
  leader = [&](const asked& question) {
    return ++answers <= 3 ? sent_to(question, 7) : records_from(question);
  };
  EXPECT_EQ(read(10).offsets.size(), 10U);
  EXPECT_EQ(std::ranges::count(order, 'f'), 0);
}

}  // namespace
}  // namespace barnabas::client
