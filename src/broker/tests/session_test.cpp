#include "broker/session.h"

#include <gtest/gtest.h>

#include "broker/encode.h"
#include "broker/handlers/api_versions.h"
#include "broker/services.h"
#include "network/tests/echo_server.h"
#include "protocol/messages/api_versions_response.h"
#include "protocol/reader.h"

namespace barnabas::broker {
namespace {

using namespace std::chrono_literals;
using network::bytes;
using protocol::api_key;
using runtime::task;

// A request with a body of one byte.
bytes request_of(api_key key, std::int16_t version, std::int32_t correlation_id, int body = 0) {
  bytes out(4 + 8 + 2 + 1);
  store_big_endian(out.data(), static_cast<std::int32_t>(out.size() - 4));
  store_big_endian(out.data() + 4, static_cast<std::int16_t>(key));
  store_big_endian(out.data() + 6, version);
  store_big_endian(out.data() + 8, correlation_id);
  store_big_endian(out.data() + 12, std::int16_t{-1});
  out[14] = static_cast<std::byte>(body);
  return out;
}

reply reply_to(const request& r, std::string_view text) {
  reply out;
  out.bytes.resize(8 + text.size());
  store_big_endian(out.bytes.data(), static_cast<std::int32_t>(out.bytes.size() - 4));
  store_big_endian(out.bytes.data() + 4, r.correlation_id);
  std::ranges::copy(as_bytes(text), out.bytes.begin() + 8);
  return out;
}

int body_of(const request& r) {
  return std::to_integer<int>(r.body[0]);
}

// What the handlers of this test saw; one test at a time.
struct {
  int in_first_phase = 0;
  int most_in_first_phase = 0;
  int running = 0;
  int most_running = 0;
} seen;

task<started_request> at_once(services&, request r) {
  co_return started_request::answered(reply_to(r, "now"));
}

task<reply> answer_after(request r) {
  co_await runtime::sleep_for(std::chrono::milliseconds(body_of(r)));
  --seen.running;
  co_return reply_to(r, "later");
}
// The second phase takes as many milliseconds as the body says.
task<started_request> later(services&, request r) {
  seen.most_running = std::max(seen.most_running, ++seen.running);
  co_return started_request::waiting(answer_after(std::move(r)));
}

task<started_request> slow_start(services&, request r) {
  seen.most_in_first_phase = std::max(seen.most_in_first_phase, ++seen.in_first_phase);
  co_await runtime::sleep_for(5ms);
  --seen.in_first_phase;
  co_return started_request::answered(reply_to(r, "started"));
}

task<started_request> failing(services&, request r) {
  co_return started_request::answered(reply_to(r, std::string().substr(r.body.size())));
}
task<reply> fail_late(request r) {
  co_await runtime::sleep_for(5ms);
  co_return reply_to(r, std::string().substr(r.body.size()));
}
task<started_request> failing_late(services&, request r) {
  co_return started_request::waiting(fail_late(std::move(r)));
}

task<started_request> silent(services&, request) {
  co_return started_request::answered({});
}

task<started_request> malformed(services&, request) {
  co_return started_request::malformed("nothing fits");
}

task<started_request> last(services&, request r) {
  reply answer = reply_to(r, "last");
  answer.close_connection = true;
  co_return started_request::answered(std::move(answer));
}

task<reply> answer_when_closing(request r) {
  runtime::condition woken;
  network::closing_watch watch(*r.connection->closing, woken);
  while (!r.connection->closing->is_set()) {
    co_await woken.wait_until(runtime::no_deadline);
  }
  co_return reply_to(r, "closing");
}
task<started_request> until_closing(services&, request r) {
  co_return started_request::waiting(answer_when_closing(std::move(r)));
}

task<started_request> large(services&, request r) {
  co_return started_request::answered(reply_to(r, std::string(1 << 20, 'x')));
}

const api_table& test_apis() {
  static const api_table table({{api_key::list_groups, 0, 2, at_once},
                                {api_key::heartbeat, 0, 2, later},
                                {api_key::leave_group, 0, 2, slow_start},
                                {api_key::sync_group, 0, 2, failing},
                                {api_key::join_group, 0, 2, failing_late},
                                {api_key::produce, 0, 2, silent},
                                {api_key::metadata, 0, 2, malformed},
                                {api_key::offset_fetch, 0, 2, last},
                                {api_key::fetch, 0, 2, until_closing},
                                {api_key::offset_commit, 0, 2, large},
                                {api_key::api_versions, 0, 4, at_once}});
  return table;
}

task<> serve(network::connection& connection, services& services) {
  session it(connection, test_apis(), services);
  co_await it.run();
}

struct test_broker : network::test_server {
  explicit test_broker(runtime::world& world)
      : test_server(world, {}, [this](network::connection& it) { return serve(it, none); }) {
    seen = {};
  }
  services none;
};

bytes joined(const std::vector<bytes>& parts) {
  bytes all;
  for (const bytes& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

// "correlation id:text"
task<std::string> next_reply(network::test_client& client) {
  const std::string frame = co_await client.receive_frame();
  if (frame.size() < 4 || frame == "closed") {
    co_return "closed";
  }
  co_return std::to_string(load_big_endian<std::int32_t>(as_bytes(frame).data())) + ":" +
      frame.substr(4);
}

task<> replies_leave_in_request_order(runtime::world& world) {
  test_broker broker(world);
  auto client = co_await broker.connect();
  const auto begin = runtime::shard::current().now();
  co_await client.send(
      joined({request_of(api_key::heartbeat, 0, 1, 80), request_of(api_key::heartbeat, 0, 2, 60),
              request_of(api_key::list_groups, 0, 3), request_of(api_key::produce, 0, 4),
              request_of(api_key::heartbeat, 0, 5, 1)}));
  EXPECT_EQ(co_await next_reply(client), "1:later");
  EXPECT_EQ(co_await next_reply(client), "2:later");
  EXPECT_EQ(co_await next_reply(client), "3:now");
  EXPECT_EQ(co_await next_reply(client), "5:later");
  EXPECT_LT(runtime::shard::current().now() - begin, 135ms);  // they ran at once
  co_await broker.stop();
}
TEST(session, replies_leave_in_request_order) {
  network::with_world(replies_leave_in_request_order);
}

task<> first_phases_run_one_after_the_other(runtime::world& world) {
  test_broker broker(world);
  auto client = co_await broker.connect();
  for (int i = 0; i < 5; ++i) {
    co_await client.send(request_of(api_key::leave_group, 0, i));
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(co_await next_reply(client), std::to_string(i) + ":started");
  }
  EXPECT_EQ(seen.most_in_first_phase, 1);
  co_await broker.stop();
}
TEST(session, first_phases_run_one_after_the_other) {
  network::with_world(first_phases_run_one_after_the_other);
}

task<> only_so_many_requests_run_at_once(runtime::world& world) {
  test_broker broker(world);
  auto client = co_await broker.connect();
  std::vector<bytes> requests;
  for (int i = 0; i < 200; ++i) {
    requests.push_back(request_of(api_key::heartbeat, 0, i, i % 7));
  }
  co_await client.send(joined(requests));
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(co_await next_reply(client), std::to_string(i) + ":later");
  }
  EXPECT_LE(seen.most_running, static_cast<int>(session::max_running));
  EXPECT_GT(seen.most_running, 10);
  co_await broker.stop();
}
TEST(session, only_so_many_requests_run_at_once) {
  network::with_world(only_so_many_requests_run_at_once);
}

task<> what_cannot_be_understood_closes_its_connection(runtime::world& world) {
  test_broker broker(world);
  auto other = co_await broker.connect();
  const std::vector<bytes> bad{
      request_of(api_key::list_groups, 3, 1),                 // a version that is not served
      request_of(static_cast<api_key>(999), 0, 1),            // no such API
      request_of(static_cast<api_key>(-1), 0, 1),             //
      request_of(api_key::describe_configs, 0, 1),            // not in the table
      request_of(api_key::metadata, 0, 1),                    // a body that does not fit
      request_of(api_key::sync_group, 0, 1),                  // an exception in the first phase
      request_of(api_key::join_group, 0, 1),                  // and in the second
      network::frame_of(""),                                  // no header
      network::frame_of(std::string("\0\x10\0\0\0\0\0", 7)),  // half of one
      network::frame_of(
          std::string("\0\x10\0\0\0\0\0\x01\0\x09xx", 12)),  // a client id that is cut off
  };
  for (const bytes& raw : bad) {
    auto client = co_await broker.connect();
    co_await client.send(raw);
    EXPECT_EQ(co_await next_reply(client), "closed");
  }
  co_await other.send(request_of(api_key::list_groups, 0, 7));
  EXPECT_EQ(co_await next_reply(other), "7:now");
  co_await broker.stop();
}
TEST(session, what_cannot_be_understood_closes_its_connection) {
  network::with_world(what_cannot_be_understood_closes_its_connection);
}

// After a slow first request these two and one more are sent together, and the connection closes.
task<> expect_replies_until_it_closes(test_broker& broker, bytes second, bytes third,
                                      std::string second_reply) {
  auto client = co_await broker.connect();
  co_await client.send(joined({request_of(api_key::heartbeat, 0, 1, 20), std::move(second),
                               std::move(third), request_of(api_key::list_groups, 0, 4)}));
  EXPECT_EQ(co_await next_reply(client), "1:later");
  EXPECT_EQ(co_await next_reply(client), second_reply);
  EXPECT_EQ(co_await next_reply(client), "closed");
}

task<> earlier_requests_are_answered_before_the_connection_closes(runtime::world& world) {
  test_broker broker(world);
  for (const bytes& bad : {request_of(api_key::metadata, 0, 3), network::frame_of(""),
                           request_of(api_key::sync_group, 0, 3),     // an exception
                           request_of(api_key::join_group, 0, 3)}) {  // one in its second phase
    co_await expect_replies_until_it_closes(broker, request_of(api_key::list_groups, 0, 2), bad,
                                            "2:now");
  }
  co_await broker.stop();
}
TEST(session, earlier_requests_are_answered_before_the_connection_closes) {
  network::with_world(earlier_requests_are_answered_before_the_connection_closes);
}

task<> earlier_requests_are_answered_before_a_closing_reply(runtime::world& world) {
  test_broker broker(world);
  co_await expect_replies_until_it_closes(broker, request_of(api_key::offset_fetch, 0, 2),
                                          request_of(api_key::list_groups, 0, 3), "2:last");
  co_await broker.stop();
}
TEST(session, earlier_requests_are_answered_before_a_closing_reply) {
  network::with_world(earlier_requests_are_answered_before_a_closing_reply);
}

task<> an_unsupported_api_versions_is_answered_as_version_0(runtime::world& world) {
  test_broker broker(world);
  auto client = co_await broker.connect();
  co_await client.send(request_of(api_key::api_versions, 99, 5));
  const std::string frame = co_await client.receive_frame();
  EXPECT_EQ(load_big_endian<std::int32_t>(as_bytes(frame).data()), 5);
  protocol::api_versions_response response;
  protocol::reader in(as_bytes(frame).subspan(4));
  EXPECT_TRUE(response.read(in, 0));
  EXPECT_EQ(response.error_code, error_code::unsupported_version);
  EXPECT_EQ(response.api_keys.size(), 1u);
  EXPECT_EQ(response.api_keys[0].api_key, 18);
  EXPECT_EQ(response.api_keys[0].max_version, 4);
  co_await client.send(request_of(api_key::api_versions, 0, 6));
  EXPECT_EQ(co_await next_reply(client), "6:now");
  co_await broker.stop();
}
TEST(session, an_unsupported_api_versions_is_answered_as_version_0) {
  network::with_world(an_unsupported_api_versions_is_answered_as_version_0);
}

task<> stopping_wakes_who_waits_and_sends_the_answer(runtime::world& world) {
  test_broker broker(world);
  auto client = co_await broker.connect();
  co_await client.send(request_of(api_key::fetch, 0, 1));
  co_await runtime::sleep_for(20ms);
  co_await broker.stop();
  EXPECT_EQ(co_await next_reply(client), "1:closing");
  EXPECT_EQ(co_await next_reply(client), "closed");
}
TEST(session, stopping_wakes_who_waits_and_sends_the_answer) {
  network::with_world(stopping_wakes_who_waits_and_sends_the_answer);
}

task<> a_peer_that_leaves_ends_its_waits(runtime::world& world) {
  test_broker broker(world);
  {
    auto client = co_await broker.connect();
    co_await client.send(request_of(api_key::fetch, 0, 1));
    co_await runtime::sleep_for(20ms);
    EXPECT_EQ(broker.it.connection_count(), 1u);
  }
  for (int i = 0; i < 500 && broker.it.connection_count() != 0; ++i) {
    co_await runtime::sleep_for(2ms);
  }
  EXPECT_EQ(broker.it.connection_count(), 0u);
  co_await broker.stop();
}
TEST(session, a_peer_that_leaves_ends_its_waits) {
  network::with_world(a_peer_that_leaves_ends_its_waits);
}

// How long 50 requests take, one after the other.
task<runtime::duration> time_of_fifty(network::test_client& client, api_key key) {
  const auto begin = runtime::shard::current().now();
  for (int i = 0; i < 50; ++i) {
    co_await client.send(request_of(key, 0, i));
    EXPECT_TRUE((co_await next_reply(client)).starts_with(std::to_string(i) + ":"));
  }
  co_return runtime::shard::current().now() - begin;
}

task<> who_only_sends_heartbeats_is_told_of_patiently(runtime::world& world) {
  test_broker broker(world);
  auto client = co_await broker.connect();
  const auto others = co_await time_of_fifty(client, api_key::list_groups);
  const auto heartbeats = co_await time_of_fifty(client, api_key::heartbeat);
  EXPECT_GT(heartbeats, others + 50ms);
  co_await client.send(request_of(api_key::list_groups, 0, 1));
  EXPECT_EQ(co_await next_reply(client), "1:now");
  EXPECT_LT(co_await time_of_fifty(client, api_key::list_groups), others + 50ms);
  co_await broker.stop();
}
TEST(session, who_only_sends_heartbeats_is_told_of_patiently) {
  network::with_simulated_world(who_only_sends_heartbeats_is_told_of_patiently);
}

task<> who_reads_no_replies_is_not_served_more(runtime::world& world) {
  test_broker broker(world);
  auto client = co_await broker.connect();
  std::vector<bytes> requests(60, request_of(api_key::offset_commit, 0, 1));
  co_await client.send(joined(requests));  // 60 MB of answers
  co_await runtime::sleep_for(200ms);
  std::size_t received = 0;
  for (int i = 0; i < 60; ++i) {
    received += (co_await client.receive_frame()).size();
  }
  EXPECT_EQ(received, 60u * ((1 << 20) + 4));
  co_await broker.stop();
}
TEST(session, who_reads_no_replies_is_not_served_more) {
  network::with_real_world(who_reads_no_replies_is_not_served_more);
}

request api_versions_request_of(connection_facts& facts, std::int16_t version) {
  return {.key = api_key::api_versions, .version = version, .connection = &facts};
}

TEST(api_versions, lists_what_the_table_serves) {
  connection_facts facts;
  const auto response = handlers::api_versions(
      api_table({{api_key::produce, 3, 13, at_once, 0}, {api_key::api_versions, 0, 4, at_once}}),
      api_versions_request_of(facts, 4), {"kcat", "1.7-x"});
  EXPECT_EQ(response.error_code, error_code::none);
  ASSERT_EQ(response.api_keys.size(), 2u);
  EXPECT_EQ(response.api_keys[0].min_version, 0);
  EXPECT_EQ(response.api_keys[0].max_version, 13);
  EXPECT_EQ(facts.client_software_name, "kcat");
  EXPECT_EQ(facts.client_software_version, "1.7-x");
}

TEST(api_versions, refuses_bad_software_names) {
  connection_facts facts;
  const api_table table({{api_key::api_versions, 0, 4, at_once}});
  for (const std::string_view name : {"", "-a", "a-", "a b", "a\n"}) {
    const auto response =
        handlers::api_versions(table, api_versions_request_of(facts, 3), {name, "1"});
    EXPECT_EQ(response.error_code, error_code::invalid_request) << name;
    EXPECT_TRUE(response.api_keys.empty());
  }
  EXPECT_EQ(handlers::api_versions(table, api_versions_request_of(facts, 2), {}).error_code,
            error_code::none);
}

}  // namespace
}  // namespace barnabas::broker
