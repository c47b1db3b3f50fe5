// Groups on a whole node in a simulated world: the way from a key to its machine and back, over
// kills, deletions and connections that close.
#include "broker/coordinators.h"

#include <gmock/gmock.h>

#include <set>

#include "base/log.h"
#include "broker/group_service.h"
#include "broker/handlers/group_services.h"
#include "broker/handlers/heartbeat.h"
#include "broker/internal_topics.h"
#include "broker/java_hash.h"
#include "broker/node.h"
#include "group/machine.h"
#include "metastore/memory_store.h"
#include "runtime/simulated/simulation.h"

namespace barnabas::broker {
namespace {

using runtime::task;
using std::chrono::milliseconds;
using std::chrono::seconds;

// One machine with a node on it; the test's parts are processes of it, one after the other.
struct fixture {
  fixture() {
    set_log_level(log_level::off);
    config.broker_id = 1;
    config.log_dirs = {"/data"};
    config.values = {{"offsets.topic.num.partitions", "5"},
                     {"group.initial.rebalance.delay.ms", "60000"}};
  }
  using part = task<> (*)(node&);

  // Returns when the part has ended; the node is stopped, or killed.
  void run(part body, bool kills = false) {
    has_ended = false;
    const auto main = [this, body, kills](runtime::world& world) {
      return serve(world, *this, body, kills);
    };
    machine.start(main);
    EXPECT_TRUE(simulation.run_until([this] { return has_ended; }, std::chrono::minutes(5)));
    if (kills) {
      machine.crash(runtime::simulated::crash_kind::process);
    }
    EXPECT_TRUE(simulation.run_until([this] { return !machine.is_running(); }, seconds(10)));
  }

  server_config config;
  metastore::memory_store store;
  bool has_ended = false;
  runtime::simulated::simulation simulation{1};
  runtime::simulated::machine& machine = simulation.add_machine("node", 2);

 private:
  static task<> serve(runtime::world& world, fixture& f, part body, bool kills) {
    node host(world, f.config, &f.store, [](const broker_settings&) {});
    auto started = co_await host.start({});
    EXPECT_TRUE(started.has_value()) << started.error().message;
    co_await body(host);
    f.has_ended = true;
    if (kills) {
      co_await runtime::sleep_for(std::chrono::hours(1));
    }
    co_await host.stop();
  }
};

task<> make_topic(node& host) {
  server_config config;
  config.values = {{"offsets.topic.num.partitions", "5"}};
  const auto topic = offsets_topic(config, *host.images().current());
  const auto made = co_await host.controller().create_topics({topic}, false, runtime::no_deadline);
  EXPECT_TRUE(made.front().has_value());
}

call_terms soon() {
  return {.deadline = runtime::shard::current().now() + seconds(5)};
}

task<error_code> commit(node& host, std::string group, std::int64_t offset) {
  protocol::offset_commit_request request;
  request.group_id = group;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.partitions.push_back({.partition_index = 3, .committed_offset = offset});
  const auto answer = co_await group_service(host.groups())
                          .call<std::vector<error_code>>(
                              group,
                              [&request](group::machine& machine, coordinator::moment now,
                                         coordinator::effects& out, auto to) {
                                machine.commit_offsets(request, now, out, std::move(to));
                              },
                              soon());
  co_return answer ? answer->front() : answer.error().code;
}

task<result<std::int64_t>> committed(node& host, std::string group) {
  protocol::offset_fetch_request_group request;
  request.group_id = group;
  auto& topic = request.topics->emplace_back();
  topic.name = "t";
  topic.partition_indexes = {3};
  const auto answer = co_await group_service(host.groups())
                          .call<std::vector<group::fetched_topic>>(
                              group,
                              [&request](group::machine& machine, coordinator::moment now,
                                         coordinator::effects& out, auto to) {
                                machine.fetch_offsets(request, true, now, out, std::move(to));
                              },
                              soon());
  if (!answer) {
    co_return fail(answer.error());
  }
  co_return answer->at(0).partitions.at(0).offset;
}

// Waits while the machine is loading.
task<std::int64_t> committed_after_load(node& host, std::string group) {
  auto offset = co_await committed(host, group);
  while (!offset && offset.error().code == error_code::coordinator_load_in_progress) {
    co_await runtime::sleep_for(milliseconds(1));
    offset = co_await committed(host, group);
  }
  co_return offset.value_or(-100);
}

std::string group_name(int number) {
  return "group-" + std::to_string(number);
}

task<> commit_many(node& host) {
  co_await make_topic(host);
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(co_await commit(host, group_name(i), 100 + i), error_code::none);
  }
}
task<> find_them_all(node& host) {
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(co_await committed_after_load(host, group_name(i)), 100 + i);
  }
  EXPECT_EQ(co_await committed_after_load(host, "unknown"), -1);
}
TEST(coordinators, offsets_are_there_after_a_kill_and_after_a_stop) {
  fixture f;
  f.run(commit_many, true);
  f.run(find_them_all);
  f.run(find_them_all);
}

task<> nobody_coordinates(node& host) {
  EXPECT_EQ(co_await commit(host, "g", 1), error_code::coordinator_not_available);
}
TEST(coordinators, without_the_topic_there_is_no_coordinator) {
  fixture f;
  f.run(nobody_coordinates);
}

task<result<group::join_answer>> join(node& host, network::closing_signal* closing) {
  protocol::join_group_request request;
  request.group_id = "g";
  request.session_timeout_ms = 10'000;
  request.rebalance_timeout_ms = 100'000;
  request.protocol_type = "consumer";
  request.protocols = {{"range", {}}};
  co_return co_await group_service(host.groups())
      .call<group::join_answer>(
          "g",
          [&request](group::machine& machine, coordinator::moment now, coordinator::effects& out,
                     auto to) {
            machine.join(request,
                         {.version = 2, .client_id = "client", .client_host = "host", .random = {}},
                         now, out, std::move(to));
          },
          {.deadline = runtime::no_deadline, .closing = closing});
}

task<> close_later(network::closing_signal& signal) {
  co_await runtime::sleep_for(seconds(1));
  signal.set();
}
task<> a_closing_connection_ends_the_wait(node& host) {
  co_await make_topic(host);
  network::closing_signal closing;
  runtime::task_group group("test");
  group.spawn(close_later(closing));
  const auto begin = runtime::shard::current().now();
  const auto answer = co_await join(host, &closing);
  EXPECT_FALSE(answer.has_value());
  EXPECT_LT(runtime::shard::current().now() - begin, milliseconds(1'100));
  co_await group.join();
}
TEST(coordinators, a_closing_connection_ends_the_wait) {
  fixture f;
  f.run(a_closing_connection_ends_the_wait);
}

task<> delete_topic_later(node& host) {
  co_await runtime::sleep_for(seconds(1));
  co_await host.controller().delete_topics({{.name = std::string(offsets_topic_name), .id = {}}},
                                           runtime::no_deadline);
}
task<> a_deleted_topic_ends_waits_and_may_be_made_again(node& host) {
  co_await make_topic(host);
  EXPECT_EQ(co_await commit(host, "g", 5), error_code::none);
  runtime::task_group group("test");
  group.spawn(delete_topic_later(host));
  const auto answer = co_await join(host, nullptr);
  EXPECT_EQ(answer.error().code, error_code::not_coordinator);
  co_await group.join();
  EXPECT_EQ(co_await commit(host, "g", 5), error_code::coordinator_not_available);
  co_await make_topic(host);
  EXPECT_EQ(co_await committed_after_load(host, "g"), -1);
}
TEST(coordinators, a_deleted_topic_ends_waits_and_may_be_made_again) {
  fixture f;
  f.run(a_deleted_topic_ends_waits_and_may_be_made_again);
}

// Heartbeats of one member in a row, as a connection's session counts them.
task<> members_learn_where_they_are_answered(node& host) {
  co_await make_topic(host);
  const handlers::group_services services{group_service(host.groups()), host.images(), seconds(5)};
  std::set<int> shards;
  for (int i = 0; i < 10; ++i) {
    const std::string group = group_name(i);
    connection_facts member;
    for (int beat = 0; beat < 3; ++beat) {
      protocol::heartbeat_request message;
      message.group_id = group;
      request asked{.version = 4, .connection = &member};
      co_await handlers::heartbeat(services, std::move(asked), std::move(message));
    }
    EXPECT_EQ(member.owners.shard(),
              host.partitions().shard_of(offsets_topic_name, partition_of_key(group, 5)));
    EXPECT_EQ(member.owners.length(), 3);
    shards.insert(member.owners.shard());
  }
  EXPECT_EQ(shards.size(), 2u);
}
TEST(coordinators, members_learn_where_they_are_answered) {
  fixture f;
  f.run(members_learn_where_they_are_answered);
}

task<> every_machine_is_asked(node& host) {
  co_await make_topic(host);
  const auto answers =
      co_await group_service(host.groups())
          .for_all<std::vector<group::listed_group>>(
              [](group::machine& machine, coordinator::moment now, coordinator::effects& out,
                 auto to) { machine.list_groups(now, out, std::move(to)); },
              soon());
  EXPECT_EQ(answers.size(), 5u);
  for (const auto& each : answers) {
    EXPECT_TRUE(each.has_value());
  }
}
TEST(coordinators, every_machine_is_asked) {
  fixture f;
  f.run(every_machine_is_asked);
}

}  // namespace
}  // namespace barnabas::broker
