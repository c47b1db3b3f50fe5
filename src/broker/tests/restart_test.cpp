// Lives of a whole broker in a simulated world, one after the other over the same store and disk.
#include <gtest/gtest.h>

#include <cerrno>

#include "base/log.h"
#include "broker/broker.h"
#include "broker/tests/broker_client.h"
#include "metastore/memory_store.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "runtime/simulated/simulation.h"

namespace barnabas::broker {
namespace {

using runtime::task;

// A life with some work in it, or nothing of it when the start is refused.
task<> live(runtime::world& world, metastore::memory_store& store, task<> (*work)(runtime::world&),
            std::string log_dirs = "/data") {
  config_remarks remarks;
  broker it(
      world,
      *make_server_config(
          {{"listeners", "PLAINTEXT://127.0.0.1:9092", 0}, {"log.dirs", log_dirs, 0}}, remarks),
      &store);
  const auto started = co_await it.start();
  EXPECT_TRUE(started) << (started ? "" : started.error().message);
  if (started) {
    co_await work(world);
  }
  co_await it.stop();
}

task<error_code> try_to_create(runtime::world& world) {
  broker_client by = co_await broker_client::open(world, "client");
  protocol::create_topics_request request{.timeout_ms = 10'000};
  request.topics.push_back({.name = "t", .num_partitions = 3, .replication_factor = 1});
  const auto answer = co_await by.ask<protocol::create_topics_response>(std::move(request), 7);
  co_return answer.topics.at(0).error_code;
}

task<> create_topic(runtime::world& world) {
  EXPECT_EQ(co_await try_to_create(world), error_code::none);
}

task<> look_for_logs(runtime::world& world) {
  for (const char* folder : {"/data/t-0", "/data/t-1", "/data/t-2"}) {
    EXPECT_FALSE(world.files().exists(folder)) << folder;
  }
  co_return;
}

task<> crash_in_a_deletion(runtime::world& world, bool& has_ended) {
  metastore::memory_store store;
  co_await live(world, store, create_topic);
  {
    auto session = co_await store.connect(std::chrono::seconds(5));
    EXPECT_TRUE(co_await (*session)->create({.path = "/admin/delete_topics/t", .data = ""}));
    co_await (*session)->close();
  }
  co_await live(world, store, look_for_logs);
  co_await live(world, store, look_for_logs);
  has_ended = true;
}

TEST(restart, an_interrupted_deletion_of_a_topic_is_finished_with_its_logs) {
  set_log_level(log_level::off);
  runtime::simulated::simulation simulation(7);
  bool has_ended = false;
  simulation.add_machine("one", 2).start(
      [&](runtime::world& world) { return crash_in_a_deletion(world, has_ended); });
  EXPECT_TRUE(simulation.run_until([&] { return has_ended; }, std::chrono::minutes(10)));
  set_log_level(log_level::info);
}

task<> delete_topic(runtime::world& world) {
  broker_client by = co_await broker_client::open(world, "client");
  protocol::delete_topics_request request{.timeout_ms = 10'000};
  request.topics.push_back({.name = "t"});
  const auto answer = co_await by.ask<protocol::delete_topics_response>(std::move(request), 6);
  EXPECT_EQ(answer.responses.at(0).error_code, error_code::none);
  EXPECT_EQ(co_await try_to_create(world), error_code::topic_already_exists);
}

task<> look_for_the_name(runtime::world& world) {
  EXPECT_EQ(co_await try_to_create(world), error_code::topic_already_exists);
}

task<> delete_while_a_directory_is_offline(runtime::world& world, runtime::simulated::disk& disk,
                                           bool& has_ended) {
  const std::string dirs = "/data,/other";
  metastore::memory_store store;
  co_await live(world, store, create_topic, dirs);
  disk.inject({.operation = runtime::simulated::disk_operation::open,
               .prefix = "/other",
               .error_number = EIO});
  co_await live(world, store, delete_topic, dirs);
  co_await live(world, store, look_for_the_name, dirs);
  disk.clear_faults();
  co_await live(world, store, create_topic, dirs);
  has_ended = true;
}

TEST(restart, a_topic_deleted_while_a_directory_was_offline_goes_when_that_is_back) {
  set_log_level(log_level::off);
  runtime::simulated::simulation simulation(7);
  bool has_ended = false;
  auto& machine = simulation.add_machine("one", 2);
  machine.start([&](runtime::world& world) {
    return delete_while_a_directory_is_offline(world, machine.disk(), has_ended);
  });
  EXPECT_TRUE(simulation.run_until([&] { return has_ended; }, std::chrono::minutes(10)));
  set_log_level(log_level::info);
}

}  // namespace
}  // namespace barnabas::broker
