#include "http/client.h"

#include <gmock/gmock.h>

#include "http/detail/answer_reader.h"
#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"

namespace barnabas::http {
namespace {

using namespace std::chrono_literals;
using runtime::task;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// Says one thing to whoever comes, and goes or stays.
struct rude_server {
  std::string says;
  bool stays = false;
  std::string heard = {};

  static task<> serve(runtime::world& world, rude_server& self) {
    auto listener = world.sockets().listen({"", 80}, 4);
    auto stream = co_await (*listener)->accept(runtime::shard::current());
    std::vector<std::byte> buffer(1000);
    while (!self.heard.ends_with("a=b")) {
      const auto got = co_await (*stream)->read_some(buffer);
      if (!got || *got == 0) {
        co_return;
      }
      self.heard += as_text(bytes_view(buffer).first(*got));
    }
    const bytes_view part = as_bytes(self.says);
    co_await (*stream)->write(std::span(&part, 1));
    co_await runtime::sleep_for(self.stays ? 60s : 0s);
  }
};

task<> ask(runtime::world& world, runtime::duration patience, result<answer>& got) {
  client it(world.sockets(), nullptr);
  got = co_await it.post({.to = url::parse("http://castle/token?key=secret").value(),
                          .header = {{"Accept", "x/y"}},
                          .body = "a=b"},
                         runtime::shard::current().now() + patience);
}

result<answer> asked_of(rude_server& server, runtime::duration patience = 10s) {
  runtime::simulated::simulation sim(1);
  auto& at = sim.add_machine("castle", 1);
  auto& from = sim.add_machine("village", 1);
  result<answer> got = fail(error_code::unknown_server_error, "it never ended");
  at.start([&](runtime::world& world) { return rude_server::serve(world, server); });
  from.start([&](runtime::world& world) { return ask(world, patience, got); });
  EXPECT_TRUE(sim.run_until([&] { return !from.is_running(); }, 120s)) << "it hangs";
  return got;
}

TEST(client, sends_what_is_asked_and_reads_the_answer) {
  rude_server server{"HTTP/1.1 401 Go Away\r\nContent-Length: 5\r\n\r\nnever", true};
  const auto got = asked_of(server);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 401);
  EXPECT_EQ(got->reason, "Go Away");
  EXPECT_EQ(got->body, "never");
  EXPECT_THAT(server.heard,
              AllOf(StartsWith("POST /token?key=secret HTTP/1.1\r\nHost: castle:80\r\n"),
                    HasSubstr("\r\nContent-Length: 3\r\n"), HasSubstr("\r\nAccept: x/y\r\n")));
}

TEST(client, reads_bodies_in_chunks_and_up_to_the_end_of_the_connection) {
  rude_server chunks{
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
      true};
  EXPECT_EQ(asked_of(chunks)->body, "abcde");
  rude_server until_end{"HTTP/1.0 200 OK\r\n\r\nto the end"};
  EXPECT_EQ(asked_of(until_end)->body, "to the end");
}

TEST(client, says_what_is_wrong_with_an_answer) {
  for (const auto& [says, why] : std::initializer_list<std::pair<std::string, const char*>>{
           {"", "before its answer was whole"},
           {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour", "before its answer was whole"},
           {"SSH-2.0-OpenSSH\r\n", "cannot be read as one of HTTP"},
           {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "cannot be read as one of HTTP"},
           {"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "body limit"},
           {"HTTP/1.1 200 OK\r\nA: " + std::string(9000, 'a'), "header limit"}}) {
    rude_server server{says};
    const auto got = asked_of(server);
    ASSERT_FALSE(got) << says;
    EXPECT_THAT(got.error().message, AllOf(StartsWith("http://castle:80/token: "), HasSubstr(why)));
  }
}

TEST(client, waits_no_longer_than_it_may) {
  rude_server server{"HTTP/1.1 200 OK\r\n", true};
  const auto got = asked_of(server, 3s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, error_code::request_timed_out);
}

task<> close_while_it_waits(runtime::world& world, result<answer>& got, runtime::duration& took) {
  runtime::shard& here = runtime::shard::current();
  const auto began = here.now();
  client it(world.sockets(), nullptr);
  runtime::task_group tasks("asking");
  const auto post = [](client& by, result<answer>& into) -> task<> {
    into = co_await by.post({.to = url::parse("http://castle/").value(), .body = "a=b"},
                            runtime::shard::current().now() + 50s);
  };
  tasks.spawn(post(it, got));
  co_await runtime::sleep_for(1s);
  it.close();
  co_await tasks.join();
  took = here.now() - began;
}

void expect_closed_at_once(bool is_dark) {
  rude_server server{"", true};
  runtime::simulated::simulation sim(1);
  auto& at = sim.add_machine("castle", 1);
  auto& from = sim.add_machine("village", 1);
  result<answer> got;
  runtime::duration took{};
  at.start([&](runtime::world& world) { return rude_server::serve(world, server); });
  if (is_dark) {
    sim.partition(at, from);
  }
  from.start([&](runtime::world& world) { return close_while_it_waits(world, got, took); });
  EXPECT_TRUE(sim.run_until([&] { return !from.is_running(); }, 120s));
  EXPECT_FALSE(got);
  EXPECT_LT(took, 2s);
}

TEST(client, that_is_closed_waits_for_nobody) {
  expect_closed_at_once(false);
  expect_closed_at_once(true);
}

TEST(answer_reader, bears_pieces_of_any_size_every_prefix_and_every_flipped_byte) {
  const std::string whole =
      "HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  detail::answer_reader slow;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const auto is_whole = slow.take(as_bytes(std::string_view(whole).substr(i, 1)));
    ASSERT_TRUE(is_whole) << is_whole.error().message;
    EXPECT_EQ(*is_whole, i + 1 == whole.size());
  }
  EXPECT_EQ(slow.release().body, "abc");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    detail::answer_reader cut;
    ASSERT_TRUE(cut.take(as_bytes(std::string_view(whole).substr(0, i))));
    EXPECT_FALSE(cut.end()) << i;
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x80);
    detail::answer_reader other;
    if (other.take(as_bytes(flipped))) {
      static_cast<void>(other.end());
    }
  }
}

}  // namespace
}  // namespace barnabas::http
