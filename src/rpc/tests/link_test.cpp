#include "rpc/link.h"

#include "scripted_broker.h"

namespace barnabas::rpc {
namespace {

using namespace std::chrono_literals;

using outcome = result<std::shared_ptr<connection>>;

reply versions_only(const asked& question) {
  return {all_versions(question)};
}

task<> want(link& it, outcome& into, runtime::duration patience) {
  into = co_await it.connected(runtime::shard::current().now() + patience);
}

task<> want_together(runtime::world& world, runtime::endpoint to, std::vector<outcome>& into,
                     runtime::duration patience) {
  runtime::task_group tasks("link");
  {
    link it(world.sockets(), tasks, std::move(to), {});
    runtime::task_group waiting("waiting");
    for (outcome& each : into) {
      waiting.spawn(want(it, each, patience));
    }
    co_await waiting.join();
    it.close();
    co_await tasks.join();
  }
  into.clear();
}

TEST(link, shares_one_attempt_among_all_who_wait) {
  scripted_world world(versions_only);
  std::vector<outcome> outcomes(20);
  world.run([&](runtime::world& w) { return want_together(w, {"broker", 9092}, outcomes, 5s); });
  EXPECT_EQ(world.accepted(), 1);
}

task<> want_again_and_again(runtime::world& world, int times, std::vector<error>& errors) {
  runtime::task_group tasks("link");
  link it(world.sockets(), tasks, {"broker", 1}, {});
  for (int i = 0; i < times; ++i) {
    outcome each;
    co_await want(it, each, 60s);
    errors.push_back(each ? error{} : each.error());
  }
  it.close();
  co_await tasks.join();
}

TEST(link, waits_longer_after_each_failed_attempt) {
  scripted_world world(versions_only);
  std::vector<error> errors;
  const auto begin = world.sim().now();
  world.run([&](runtime::world& w) { return want_again_and_again(w, 6, errors); });
  const auto took = world.sim().now() - begin;
  EXPECT_GT(took, 0.8 * 3100ms);  // 100 + 200 + 400 + 800 + 1600 ms between six attempts
  EXPECT_LT(took, 1.3 * 3100ms);
  for (const error& each : errors) {
    EXPECT_EQ(each.code, error_code::network_exception);
    EXPECT_NE(each.message.find("broker:1"), std::string::npos) << each.message;
  }
}

task<> want_while_dark(runtime::world& world, outcome& into) {
  runtime::task_group tasks("link");
  link it(world.sockets(), tasks, {"broker", 9092}, {.setup_timeout = 3s});
  co_await want(it, into, 1s);
  it.close();
  co_await tasks.join();
}

TEST(link, keeps_the_deadline_while_nobody_answers) {
  scripted_world world(versions_only);
  world.sim().partition(world.broker(), world.client());
  outcome into;
  world.run([&](runtime::world& w) { return want_while_dark(w, into); });
  ASSERT_FALSE(into.has_value());
  EXPECT_EQ(into.error().code, error_code::request_timed_out);
}

task<> close_while_unanswered(runtime::world& world, bool is_secure, outcome& into,
                              runtime::duration& took) {
  runtime::task_group tasks("link");
  link_settings settings;
  if (is_secure) {
    settings.tls =
        std::make_shared<security::tls_source>(world.files(), security::tls_role::client,
                                               security::tls_settings{.verifies_server = false});
  }
  link it(world.sockets(), tasks, {"broker", 9092}, settings);
  runtime::task_group waiting("waiting");
  waiting.spawn(want(it, into, 20s));
  co_await runtime::sleep_for(1s);
  const auto begin = runtime::shard::current().now();
  it.close();
  co_await waiting.join();
  co_await tasks.join();
  took = runtime::shard::current().now() - begin;
}

void expect_closed_at_once(bool is_secure, bool is_dark) {
  scripted_world world([](const asked&) { return reply{}; });
  if (is_dark) {
    world.sim().partition(world.broker(), world.client());
  }
  outcome into;
  runtime::duration took{};
  world.run([&](runtime::world& w) { return close_while_unanswered(w, is_secure, into, took); });
  EXPECT_EQ(world.accepted(), is_dark ? 0 : 1);
  ASSERT_FALSE(into.has_value());
  EXPECT_EQ(into.error().message, "the client is closed");
  EXPECT_LT(took, 100ms);
}

TEST(link, that_is_closed_does_not_wait_for_a_broker_that_accepts_and_is_silent) {
  expect_closed_at_once(false, false);
}

TEST(link, that_is_closed_does_not_wait_for_a_handshake) {
  expect_closed_at_once(true, false);
}

TEST(link, that_is_closed_does_not_wait_for_an_address_where_nobody_answers) {
  expect_closed_at_once(false, true);
}

TEST(backoff, doubles_up_to_the_maximum_within_a_fifth) {
  backoff pause(100ms, 1000ms);
  for (const auto middle : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    auto again = pause;
    EXPECT_EQ(pause.next(0), middle * 8 / 10);
    const auto most = again.next(~std::uint64_t{0});
    EXPECT_LE(most, middle * 12 / 10);
    EXPECT_GT(most, middle * 11 / 10);
  }
  pause.succeeded();
  EXPECT_EQ(pause.next(0), 80ms);
}

}  // namespace
}  // namespace barnabas::rpc
