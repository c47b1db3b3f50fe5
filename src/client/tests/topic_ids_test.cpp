// Topics by their ids in Produce and Fetch (KIP-516): one that is deleted and made again is another
// one under the same name.
#include "protocol/messages/fetch_request.h"
#include "scripted_consumer.h"
#include "scripted_producer.h"

namespace barnabas::client {
namespace {

uuid id_of(std::uint8_t number) {
  uuid id;
  id.bytes[0] = std::byte{number};
  return id;
}

struct topic_ids : testing::Test {
  protocol::metadata_response described() const {
    auto answer = one_partition("t");
    answer.topics[0].topic_id = id;
    return answer;
  }
  rpc::script cluster(rpc::script otherwise) {
    return cluster_as([this] { return described(); }, std::move(otherwise));
  }
  // What a broker says of a topic that is not there any more, once.
  error_code code_for(const uuid& asked_for) {
    if (++questions == 3) {
      id = id_of(2);
    }
    return asked_for == id ? error_code::none : refusal;
  }

  uuid id = id_of(1);
  int questions = 0;
  error_code refusal = error_code::unknown_topic_id;
};

TEST_F(topic_ids, a_producer_goes_on_when_its_topic_is_made_again) {
  for (const auto code : {error_code::unknown_topic_id, error_code::inconsistent_topic_id,
                          error_code::unknown_topic_or_partition}) {
    id = id_of(1);
    questions = 0;
    refusal = code;
    listener told;
    rpc::scripted_world world(cluster([this](const asked& question) {
      EXPECT_EQ(question.version, 13);
      const auto request = rpc::request_in<protocol::produce_request>(question);
      const uuid named = request.topic_data.at(0).topic_id;
      protocol::produce_response answer;
      answer.responses = {
          {.topic_id = named,
           .partition_responses = {
               {.index = 0, .error_code = code_for(named), .base_offset = questions}}}};
      return reply{rpc::answer_frame(question, answer)};
    }));
    const plan what{
        .settings = {{"linger.ms", "0"}}, .records = 6, .between = std::chrono::milliseconds(20)};
    world.run([&](runtime::world& w) { return produce(w, what, told); });
    ASSERT_EQ(told.fates.size(), 6U);
    for (const auto& [tag, of] : told.fates) {
      EXPECT_EQ(of.code, error_code::none) << error_name(code) << ' ' << of.message;
    }
  }
}

struct fetched_topic_ids : topic_ids {
  consumed read(rpc::script answer) {
    consumed got;
    rpc::scripted_world world(cluster(std::move(answer)));
    world.run([&](runtime::world& w) {
      return consume(w, {{"auto.offset.reset", "earliest"}}, 20, got);
    });
    EXPECT_TRUE(got.errors.empty()) << got.errors[0].message;
    EXPECT_TRUE(std::ranges::is_sorted(got.offsets));
    return got;
  }
};

TEST_F(fetched_topic_ids, a_consumer_goes_on_when_its_topic_is_made_again) {
  for (const auto code : {error_code::unknown_topic_id, error_code::inconsistent_topic_id}) {
    id = id_of(1);
    questions = 0;
    refusal = code;
    std::int64_t next = 0;
    const auto got = read([&](const asked& question) {
      EXPECT_GE(question.version, 13);
      const auto request = rpc::request_in<protocol::fetch_request>(question);
      const auto& topic = request.topics.at(0);
      const auto bytes = batch_at(next, 2, record::compression_type::none);
      protocol::fetch_response answer;
      answer.session_id = 9;
      answer.responses = {
          {.topic_id = topic.topic_id,
           .partitions = {{.partition_index = 0, .error_code = code_for(topic.topic_id)}}}};
      auto& partition = answer.responses[0].partitions[0];
      if (partition.error_code == error_code::none) {
        EXPECT_EQ(topic.partitions.at(0).fetch_offset, next);
        EXPECT_TRUE(request.forgotten_topics_data.empty());
        partition.records = protocol::records(bytes);
        next += 2;
      }
      return reply{rpc::answer_frame(question, answer)};
    });
    EXPECT_EQ(got.offsets.size(), 20U) << error_name(code);
  }
}

TEST_F(fetched_topic_ids, names_are_used_where_a_broker_gives_no_ids) {
  id = {};
  std::int64_t next = 0;
  const auto got = read([&](const asked& question) {
    EXPECT_EQ(question.version, 12);
    next += 2;
    return fetched(question, error_code::none, next - 2);
  });
  EXPECT_EQ(got.offsets.size(), 20U);
}

}  // namespace
}  // namespace barnabas::client
