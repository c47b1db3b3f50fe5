#include "client/token_keeper.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "base/log.h"
#include "runtime/simulated/simulation.h"
#include "runtime/wait.h"

namespace barnabas::client {
namespace {

using namespace std::chrono_literals;
using runtime::task;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::int64_t now_ms = 1'700'000'000'000;

token_endpoint castle() {
  return {.at = http::url::parse("http://castle/token").value(),
          .client_id = "k. &",
          .client_secret = "s:1",
          .extensions = {{"a", "b"}}};
}

result<issued_token> read(int status, const std::string& body) {
  return read_token(castle(), {.status = status, .reason = "Words", .body = body}, now_ms);
}

TEST(token_endpoint, asks_with_the_clients_credentials) {
  token_endpoint to = castle();
  http::request asked = token_request(to);
  EXPECT_EQ(asked.header.at(0).second, "Basic ay4gJjpzOjE=");  // k. &:s:1
  EXPECT_EQ(asked.body, "grant_type=client_credentials");
  to.scope = "read write/all";
  to.encodes_credentials = true;
  asked = token_request(to);
  EXPECT_EQ(asked.header.at(0).second, "Basic ay4rJTI2OnMlM0Ex");  // k.+%26:s%3A1
  EXPECT_EQ(asked.body, "grant_type=client_credentials&scope=read+write%2Fall");
}

TEST(token_endpoint, gives_tokens_and_says_how_long_they_live) {
  const auto counted = read(200, R"({"access_token":"a.b-c","expires_in":60,"token_type":"x"})");
  ASSERT_TRUE(counted) << counted.error().message;
  EXPECT_EQ(counted->token.value, "a.b-c");
  EXPECT_EQ(counted->token.extensions.at("a"), "b");
  EXPECT_EQ(counted->life, 60s);
  EXPECT_EQ(read(200, R"({"access_token":"a","expires_in":"90.5"})")->life, 90500ms);
  const std::string web_token = security::unsecured_token("alice", "", now_ms - 10'000, 30);
  EXPECT_EQ(read(201, R"({"access_token":")" + web_token + R"("})")->life, 20s);
  EXPECT_GT(read(200, R"({"access_token":"a","expires_in":1e300})")->life, 24h);
}

TEST(token_endpoint, says_why_there_is_no_token) {
  const std::string expired = security::unsecured_token("alice", "", now_ms - 60'000, 30);
  for (const auto& [status, body, why] :
       std::initializer_list<std::tuple<int, std::string, std::string>>{
           {401, R"({"error":"invalid_client","error_description":"un\nknown"})",
            "401 Words: invalid_client: un known"},
           {403, "<html>", "403 Words"},
           {302, "", "302 Words"},
           {200, "no json", "its answer is no object of JSON"},
           {200, "[]", "its answer is no object of JSON"},
           {200, R"({"expires_in":60})", "its answer has no access_token"},
           {200, R"({"access_token":"a\u0001b","expires_in":60})", "is no bearer token"},
           {200, R"({"access_token":7,"expires_in":60})", "is no bearer token"},
           {200, R"({"access_token":"a"})", "how long its token lives"},
           {200, R"({"access_token":"a.e30.b"})", "how long its token lives"},
           {200, R"({"access_token":"a","expires_in":"soon"})", "how long its token lives"},
           {200, R"({"access_token":"a","expires_in":-1})", "has expired already"},
           {200, R"({"access_token":")" + expired + R"("})", "has expired already"}}) {
    const auto got = read(status, body);
    ASSERT_FALSE(got) << body;
    EXPECT_EQ(got.error().code, error_code::sasl_authentication_failed) << body;
    EXPECT_THAT(got.error().message, AllOf(StartsWith("http://castle:80/token: "), HasSubstr(why)));
  }
  for (const int status : {408, 429, 500, 503}) {
    EXPECT_EQ(read(status, "").error().code, error_code::network_exception);
  }
  EXPECT_LT(read(400, R"({"error":")" + std::string(100'000, 'x') + "\"}").error().message.size(),
            400U);
}

// Gives its tokens names of numbers; a life of 0 is a refusal.
struct token_server {
  std::function<int(int)> life_s;  // of the nth token, from 1 on
  runtime::duration pause{};       // before each answer
  int asked = 0;

  static task<> serve_one(std::unique_ptr<runtime::stream> stream, token_server& self) {
    std::string heard;
    std::vector<std::byte> buffer(2000);
    while (!heard.ends_with("client_credentials")) {
      const auto got = co_await stream->read_some(buffer);
      if (!got || *got == 0) {
        co_return;
      }
      heard += as_text(bytes_view(buffer).first(*got));
    }
    const int number = ++self.asked;
    const int life = self.life_s(number);
    co_await runtime::sleep_for(self.pause);
    const std::string body =
        fmt::format(R"({{"access_token":"{}","expires_in":{}}})", number, life);
    const std::string text = fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n{}",
                                         life > 0 ? "200 OK" : "503 Busy", body.size(), body);
    const bytes_view part = as_bytes(text);
    co_await stream->write(std::span(&part, 1));
  }
  static task<> serve(runtime::world& world, token_server& self) {
    auto listener = world.sockets().listen({"", 80}, 16);
    runtime::task_group sessions("sessions");
    for (;;) {
      auto stream = co_await (*listener)->accept(runtime::shard::current());
      sessions.spawn(serve_one(std::move(*stream), self));
    }
  }
};

using story = std::function<task<>(token_keeper&)>;
task<> live(runtime::world& world, const story& what) {
  runtime::task_group tasks("client");
  token_keeper keeper(world, tasks, castle());
  co_await what(keeper);
  tasks.stop();
  keeper.close();
  co_await tasks.join();
}

void run(token_server& server, const story& what) {
  runtime::simulated::simulation sim(1);
  auto& at = sim.add_machine("castle", 1);
  auto& from = sim.add_machine("village", 1);
  at.start([&](runtime::world& world) { return token_server::serve(world, server); });
  from.start([&](runtime::world& world) { return live(world, what); });
  EXPECT_TRUE(sim.run_until([&] { return !from.is_running(); }, 600s)) << "it hangs";
}

task<std::string> told(token_keeper& keeper, runtime::duration patience) {
  const auto got = co_await keeper.token(runtime::shard::current().now() + patience);
  co_return got ? got->value : got.error().message;
}

TEST(token_keeper, all_who_ask_share_one_token_for_most_of_its_life) {
  token_server server{[](int) { return 100; }};
  std::vector<std::string> got;
  run(server, [&](token_keeper& keeper) -> task<> {
    std::vector<task<std::string>> asking;
    for (int i = 0; i < 3; ++i) {
      asking.push_back(told(keeper, 5s));
    }
    got = co_await runtime::when_all(std::move(asking));
    co_await runtime::sleep_for(75s);
    got.push_back(co_await told(keeper, 5s));
    EXPECT_EQ(server.asked, 1);
    co_await runtime::sleep_for(10s);  // 80 s after the first
    EXPECT_EQ(server.asked, 2);
    got.push_back(co_await told(keeper, 0s));
  });
  EXPECT_THAT(got, ElementsAre("1", "1", "1", "1", "2"));
}

TEST(token_keeper, a_token_is_good_until_it_expires_whatever_the_server_does) {
  token_server server{[](int number) { return number == 1 ? 100 : 0; }};
  std::vector<std::string> got;
  run(server, [&](token_keeper& keeper) -> task<> {
    got.push_back(co_await told(keeper, 5s));
    co_await runtime::sleep_for(99s);
    EXPECT_GT(server.asked, 3);
    got.push_back(co_await told(keeper, 5s));
    co_await runtime::sleep_for(20s);
    const int asked = server.asked;
    co_await runtime::sleep_for(20s);
    EXPECT_EQ(server.asked, asked) << "nobody wants a token now";
    got.push_back(co_await told(keeper, 5s));
  });
  EXPECT_THAT(got, ElementsAre("1", "1", "http://castle:80/token: 503 Busy"));
}

TEST(token_keeper, says_once_that_the_next_token_cannot_be_had) {
  const std::string path = testing::TempDir() + "token_keeper_" + std::to_string(::getpid());
  set_log_to_stderr(false);
  ASSERT_TRUE(open_log_file(path));
  token_server server{[](int number) { return number == 1 || number == 5 ? 100 : 0; }};
  run(server, [&](token_keeper& keeper) -> task<> {
    EXPECT_EQ(co_await told(keeper, 5s), "1");
    co_await runtime::sleep_for(90s);
    EXPECT_GE(server.asked, 5);
    EXPECT_EQ(co_await told(keeper, 5s), "5");
  });
  open_log_file("");
  set_log_to_stderr(true);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::remove(path.c_str());
  EXPECT_THAT(text.str(), AllOf(HasSubstr("WARN  [client] no new token for OAUTHBEARER"),
                                HasSubstr("503 Busy")));
  EXPECT_EQ(std::ranges::count(text.str(), '\n'), 1) << text.str();
}

TEST(token_keeper, who_asks_after_a_failure_hears_of_a_new_attempt) {
  token_server server{[](int number) { return number == 1 ? 0 : 100; }};
  std::vector<std::string> got;
  run(server, [&](token_keeper& keeper) -> task<> {
    got.push_back(co_await told(keeper, 5s));
    got.push_back(co_await told(keeper, 5s));
  });
  EXPECT_THAT(got, ElementsAre("http://castle:80/token: 503 Busy", "2"));
}

TEST(token_keeper, waits_no_longer_than_it_may_and_ends_at_once) {
  token_server server{[](int) { return 100; }, 10s};
  std::vector<std::string> got;
  runtime::duration took{};
  run(server, [&](token_keeper& keeper) -> task<> {
    const auto began = runtime::shard::current().now();
    got.push_back(co_await told(keeper, 1s));
    took = runtime::shard::current().now() - began;
  });
  EXPECT_THAT(got, ElementsAre("http://castle:80/token: no token in time"));
  EXPECT_LE(took, 1100ms);
}

}  // namespace
}  // namespace barnabas::client
