// Every error code of the protocol, as the first answer to each kind of question: what passes is
// asked again, the rest is reported in the broker's words, and nothing hangs. Produce, Fetch and
// joining a group have tests of their own.
#include "scripted_consumer.h"
#include "scripted_group.h"
#include "scripted_producer.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;
using protocol::api_key;
using enum rebalance_notice::kind;

template <class Check>
void for_each_code(Check check) {
  int seen = 0;
  for (int number = -1; number < 134; ++number) {
    const auto code = static_cast<error_code>(number);
    if (code != error_code::none && error_name(code) != "UNKNOWN") {
      check(code);
      ++seen;
    }
  }
  EXPECT_GT(seen, 130);
}

// Answers the first question of a kind with this answer.
template <class Response>
rpc::script first_otherwise(api_key key, Response answer, rpc::script then) {
  return [=, asked_before = std::make_shared<bool>(false)](const asked& question) -> reply {
    return question.key == key && !std::exchange(*asked_before, true)
               ? reply{rpc::answer_frame(question, answer)}
               : then(question);
  };
}

consumed read_from(rpc::script broker) {
  consumed got;
  rpc::scripted_world world(std::move(broker));
  world.run([&](runtime::world& w) {
    return consume(w, {{"auto.offset.reset", "earliest"}, {"metadata.max.age.ms", "1000"}}, 20,
                   got);
  });
  return got;
}

// Twenty records.
rpc::script good_broker() {
  return cluster_of_one([next = std::int64_t{0}](const asked& question) mutable {
    next += 2;
    return fetched(question, error_code::none, next - 2);
  });
}

void expect_passed_or_told(const consumed& got, error_code code) {
  if (is_retriable(code)) {
    EXPECT_EQ(got.offsets.size(), 20U) << error_name(code);
    EXPECT_TRUE(got.errors.empty()) << error_name(code);
    return;
  }
  ASSERT_EQ(got.errors.size(), 1U) << error_name(code);
  EXPECT_EQ(got.errors[0].code, code);
  EXPECT_NE(got.errors[0].message.find(error_name(code)), std::string::npos)
      << got.errors[0].message;
}

TEST(error_codes, of_list_offsets) {
  for_each_code([](error_code code) {
    protocol::list_offsets_response answer;
    answer.topics = {{.name = "t", .partitions = {{.partition_index = 0, .error_code = code}}}};
    expect_passed_or_told(read_from(first_otherwise(api_key::list_offsets, answer, good_broker())),
                          code);
  });
}

TEST(error_codes, of_metadata_about_a_topic) {
  for_each_code([](error_code code) {
    auto answer = one_partition("t");
    answer.topics[0].partitions.clear();
    answer.topics[0].error_code = code;
    expect_passed_or_told(read_from(first_otherwise(api_key::metadata, answer, good_broker())),
                          code);
  });
}

TEST(error_codes, of_metadata_as_a_whole) {
  for_each_code([](error_code code) {
    protocol::metadata_response answer;
    answer.error_code = code;
    const auto got = read_from(first_otherwise(api_key::metadata, answer, good_broker()));
    if (code == error_code::rebootstrap_required) {
      EXPECT_EQ(got.offsets.size(), 20U);
    } else {
      expect_passed_or_told(got, code);
    }
  });
}

TEST(error_codes, of_fetch_as_a_whole) {
  for_each_code([](error_code code) {
    protocol::fetch_response answer;
    answer.error_code = code;
    expect_passed_or_told(read_from(first_otherwise(api_key::fetch, answer, good_broker())), code);
  });
}

TEST(error_codes, of_init_producer_id) {
  for_each_code([](error_code code) {
    protocol::init_producer_id_response answer;
    answer.error_code = code;
    listener told;
    rpc::scripted_world world(first_otherwise(api_key::init_producer_id, answer,
                                              cluster_of_one([](const asked& question) {
                                                return produced(question, error_code::none, 0);
                                              })));
    const plan one_record;
    world.run([&](runtime::world& w) { return produce(w, one_record, told); });
    const bool passes = is_retriable(code) || code == error_code::request_timed_out;
    EXPECT_EQ(told.fates.at(0).code, passes ? error_code::none : code);
    EXPECT_EQ(told.fates.at(0).message,
              passes ? "" : "no producer id: " + std::string(error_name(code)));
  });
}

TEST(error_codes, of_heartbeats) {
  for_each_code([](error_code code) {
    scripted_group group;
    group.errors[api_key::heartbeat] = {code};
    const auto got = lived(group, poll_a_while);
    EXPECT_EQ(got.count(trouble), code == error_code::fenced_instance_id ? 1U : 0U);
    const bool joins_again = code == error_code::rebalance_in_progress ||
                             code == error_code::unknown_member_id ||
                             code == error_code::illegal_generation;
    EXPECT_EQ(group.generation, joins_again ? 2 : 1) << error_name(code);
    EXPECT_GE(group.asked_times[api_key::heartbeat], code == error_code::fenced_instance_id ? 1 : 2)
        << error_name(code);
  });
}

TEST(error_codes, of_commits) {
  for_each_code([](error_code code) {
    scripted_group group;
    group.errors[api_key::offset_commit] = {code};
    result<> done;
    lived(group,
          [&](consumer_core& consumer, heard& into) -> task<> {
            co_await poll_for(consumer, 2s, into);
            done = co_await consumer.commit({{{"t", 0}, {.offset = 5}}},
                                            runtime::shard::current().now() + 2s);
          },
          {{"enable.auto.commit", "false"}});
    if (is_retriable(code)) {
      EXPECT_TRUE(done) << done.error().message;
      EXPECT_EQ(group.commits, std::vector<std::int64_t>{5}) << error_name(code);
    } else {
      ASSERT_FALSE(done) << error_name(code);
      EXPECT_EQ(done.error().code, code);
      EXPECT_NE(done.error().message.find(error_name(code)), std::string::npos);
    }
  });
}

TEST(error_codes, of_committed_offsets) {
  for_each_code([](error_code code) {
    scripted_group group{.committed = 42};
    group.errors[api_key::offset_fetch] = {code};
    std::optional<fetched_piece> told;
    lived(group, [&](consumer_core& consumer, heard& into) -> task<> {
      for (int i = 0; i < 100; ++i) {
        co_await poll_for(consumer, 20ms, into);
        if (auto piece = consumer.queue().take()) {
          told = std::move(piece);
        }
      }
    });
    EXPECT_EQ(group.fetched_at, 42) << error_name(code);
    ASSERT_EQ(told.has_value(), !is_retriable(code)) << error_name(code);
    if (told) {
      EXPECT_EQ(told->trouble.error().code, code);
      EXPECT_NE(told->trouble.error().message.find(error_name(code)), std::string::npos);
    }
  });
}

// A coordinator that refuses for good: the call ends when it was told to.
TEST(error_codes, that_do_not_pass_are_reported_at_the_deadline) {
  scripted_group group;
  group.errors[api_key::offset_commit].assign(1000, error_code::coordinator_load_in_progress);
  runtime::duration took{};
  result<> done;
  lived(group,
        [&](consumer_core& consumer, heard& into) -> task<> {
          co_await poll_for(consumer, 2s, into);
          const auto begin = runtime::shard::current().now();
          done = co_await consumer.commit({{{"t", 0}, {.offset = 5}}}, begin + 5s);
          took = runtime::shard::current().now() - begin;
        },
        {{"enable.auto.commit", "false"}, {"retry.backoff.max.ms", "300"}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, error_code::coordinator_load_in_progress);
  EXPECT_GE(took, 4500ms);
  EXPECT_LE(took, 5500ms);
}

}  // namespace
}  // namespace barnabas::client
