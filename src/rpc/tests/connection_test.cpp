#include "rpc/connection.h"

#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/produce_request.h"
#include "scripted_broker.h"

namespace barnabas::rpc {
namespace {

using namespace std::chrono_literals;

using protocol::api_key;
using outcome = result<answer<protocol::metadata_response>>;

runtime::steady_time in(runtime::duration time) {
  return runtime::shard::current().now() + time;
}

reply metadata_of(const asked& question, int controller) {
  protocol::metadata_response message;
  message.controller_id = controller;
  return {answer_frame(question, message)};
}

// Versions are answered well, everything else as `answer` says.
script after_versions(script answer) {
  return [answer = std::move(answer)](const asked& question) {
    return question.key == api_key::api_versions ? reply{all_versions(question)} : answer(question);
  };
}

task<result<std::shared_ptr<connection>>> open(runtime::world& world, runtime::task_group& tasks,
                                               connection_settings settings) {
  auto stream = co_await world.sockets().connect({"broker", 9092}, in(5s));
  auto begun = connection::begin(std::move(*stream), tasks, std::move(settings));
  const auto learnt = co_await begun->learn_versions(in(5s));
  co_return learnt ? result<std::shared_ptr<connection>>(begun) : fail(learnt.error());
}

task<> ask(connection& to, outcome& into, runtime::duration patience) {
  into = co_await to.call<protocol::metadata_response>(protocol::metadata_request{}, in(patience));
}

task<> ask_together(runtime::world& world, std::vector<outcome>& into, error& end,
                    runtime::duration patience = 5s, connection_settings settings = {}) {
  runtime::task_group tasks("connection");
  auto opened = co_await open(world, tasks, std::move(settings));
  if (!opened) {
    end = opened.error();
  } else {
    runtime::task_group calls("calls");
    for (outcome& each : into) {
      calls.spawn(ask(**opened, each, patience));
    }
    co_await calls.join();
    end = (*opened)->end_reason();
    (*opened)->end({error_code::network_exception, "the test is over"});
  }
  co_await tasks.join();
}

// What one call meets when the broker answers it so.
error error_of(script answer, runtime::duration patience = 5s, connection_settings settings = {}) {
  std::vector<outcome> outcomes(1);
  error end;
  scripted_world world(after_versions(std::move(answer)));
  world.run([&](runtime::world& w) { return ask_together(w, outcomes, end, patience, settings); });
  EXPECT_FALSE(outcomes[0].has_value());
  return outcomes[0] ? error{} : outcomes[0].error();
}

TEST(connection, matches_answers_to_requests_in_flight_together) {
  std::vector<outcome> outcomes(100);
  error end;
  int answered = 0;
  scripted_world world(
      after_versions([&](const asked& question) { return metadata_of(question, answered++); }));
  world.run([&](runtime::world& w) { return ask_together(w, outcomes, end); });
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_TRUE(outcomes[i].has_value()) << outcomes[i].error().message;
    EXPECT_EQ(outcomes[i]->message.controller_id, static_cast<int>(i));
  }
  EXPECT_EQ(world.accepted(), 1);
}

TEST(connection, asks_for_versions_again_when_the_broker_knows_only_the_oldest) {
  std::vector<outcome> outcomes(1);
  error end;
  std::vector<int> asked_versions;
  scripted_world world([&](const asked& question) {
    if (question.key != api_key::api_versions) {
      EXPECT_EQ(question.version, 4);
      return metadata_of(question, 7);
    }
    asked_versions.push_back(question.version);
    protocol::api_versions_response old;
    old.error_code = question.version == 0 ? error_code::none : error_code::unsupported_version;
    old.api_keys = {{static_cast<std::int16_t>(api_key::metadata), 0, 4}};
    return reply{frame_of(question.correlation_id, false, *protocol::to_bytes(old, 0))};
  });
  world.run([&](runtime::world& w) { return ask_together(w, outcomes, end); });
  ASSERT_TRUE(outcomes[0].has_value()) << outcomes[0].error().message;
  EXPECT_EQ(outcomes[0]->message.controller_id, 7);
  EXPECT_EQ(asked_versions, (std::vector{3, 0}));
}

TEST(connection, names_the_versions_when_there_is_no_shared_one) {
  std::vector<outcome> outcomes(1);
  error end;
  scripted_world world([](const asked& question) {
    protocol::api_versions_response future;
    future.api_keys = {{static_cast<std::int16_t>(api_key::metadata), 90, 99}};
    return reply{answer_frame(question, future)};
  });
  world.run([&](runtime::world& w) { return ask_together(w, outcomes, end); });
  EXPECT_EQ(outcomes[0].error().code, error_code::unsupported_version);
  EXPECT_EQ(outcomes[0].error().message,
            "the broker serves Metadata in versions 90 to 99, this client 0 to 13");
}

TEST(connection, ends_at_a_wrong_correlation_id) {
  const error why = error_of([](asked question) {
    question.correlation_id += 5;
    return metadata_of(question, 1);
  });
  EXPECT_EQ(why.code, error_code::network_exception);
  EXPECT_NE(why.message.find("correlation id 7 in place of 2"), std::string::npos) << why.message;
}

TEST(connection, ends_at_an_answer_that_nobody_asked_for) {
  std::vector<outcome> outcomes(2);
  error end;
  scripted_world world(after_versions([](const asked& question) {
    reply twice = metadata_of(question, 1);
    const auto once = twice.bytes;
    twice.bytes.insert(twice.bytes.end(), once.begin(), once.end());
    return twice;
  }));
  world.run([&](runtime::world& w) { return ask_together(w, outcomes, end); });
  EXPECT_TRUE(outcomes[0].has_value());
  EXPECT_FALSE(outcomes[1].has_value());
  EXPECT_EQ(end.code, error_code::network_exception);
}

TEST(connection, refuses_an_answer_over_the_limit_before_it_arrives) {
  const error why = error_of(
      [](const asked&) {
        std::vector<std::byte> length(4);
        store_big_endian(length.data(), 1'000'000'000);
        return reply{length};
      },
      5s, {.largest_answer_bytes = 1000});
  EXPECT_EQ(why.code, error_code::network_exception);
  EXPECT_NE(why.message.find("over receive.message.max.bytes=1000"), std::string::npos)
      << why.message;
}

TEST(connection, ends_at_a_negative_length) {
  const error why = error_of([](const asked&) { return reply{std::vector(64, std::byte{0xff})}; });
  EXPECT_NE(why.message.find("negative length"), std::string::npos) << why.message;
}

TEST(connection, ends_when_an_answer_is_cut_off) {
  const error why = error_of([](const asked& question) {
    reply half = metadata_of(question, 1);
    half.bytes.resize(half.bytes.size() / 2);
    half.closes = true;
    return half;
  });
  EXPECT_NE(why.message.find("has closed the connection"), std::string::npos) << why.message;
}

TEST(connection, names_the_field_of_a_message_that_cannot_be_read) {
  const error why = error_of([](const asked& question) {
    return reply{frame_of(question.correlation_id, true, std::vector(5, std::byte{0x7f}))};
  });
  EXPECT_NE(why.message.find("the answer to Metadata version 13 cannot be read: field"),
            std::string::npos)
      << why.message;
}

TEST(connection, survives_every_prefix_of_an_answer) {
  const asked question{api_key::metadata, 13, 2};
  const std::size_t whole = metadata_of(question, 1).bytes.size();
  for (std::size_t length = 5; length < whole; ++length) {
    const error why = error_of([length](const asked& real) {
      reply cut = metadata_of(real, 1);
      cut.bytes.resize(length);
      store_big_endian(cut.bytes.data(), static_cast<std::int32_t>(length - 4));
      return cut;
    });
    EXPECT_EQ(why.code, error_code::network_exception) << length << " " << why.message;
  }
}

TEST(connection, keeps_the_deadline_when_no_answer_comes) {
  std::vector<outcome> outcomes(3);
  error end;
  scripted_world world(after_versions([](const asked&) { return reply{}; }));
  const auto begin = world.sim().now();
  world.run([&](runtime::world& w) { return ask_together(w, outcomes, end, 2s); });
  EXPECT_LT(world.sim().now() - begin, 2200ms);
  EXPECT_EQ(end.code, error_code::request_timed_out);
  for (const outcome& each : outcomes) {
    EXPECT_EQ(each.error().code, error_code::request_timed_out);
  }
}

task<> send_unanswered(runtime::world& world, result<>& sent, outcome& after) {
  runtime::task_group tasks("connection");
  auto opened = co_await open(world, tasks, {});
  protocol::produce_request request;
  const std::string records = "these stand in the frame without being copied";
  request.topic_data = {
      {.name = "t", .partition_data = {{0, protocol::records::external(records.size(), 0)}}}};
  const bytes_view bytes = as_bytes(records);
  const std::vector<bytes_view> pieces{bytes.first(10), bytes.subspan(10)};
  const payload payload = pieces;
  sent = co_await (*opened)->send(request, in(5s), 9, std::span(&payload, 1));
  co_await ask(**opened, after, 5s);
  (*opened)->end({error_code::network_exception, "the test is over"});
  co_await tasks.join();
}

TEST(connection, sends_requests_that_have_no_answer) {
  result<> sent;
  outcome after;
  int produced = 0;
  scripted_world world(after_versions([&](const asked& question) {
    if (question.key == api_key::produce) {
      ++produced;
      return reply{};
    }
    return metadata_of(question, 3);
  }));
  world.run([&](runtime::world& w) { return send_unanswered(w, sent, after); });
  EXPECT_TRUE(sent.has_value());
  EXPECT_EQ(produced, 1);
  ASSERT_TRUE(after.has_value()) << after.error().message;
  EXPECT_EQ(after->message.controller_id, 3);
}

}  // namespace
}  // namespace barnabas::rpc
