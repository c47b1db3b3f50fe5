// Lives of a whole broker in a simulated world, one after the other over the same store and disk.
#include <gtest/gtest.h>

#include "base/log.h"
#include "broker/broker.h"
#include "broker/tests/broker_client.h"
#include "metastore/memory_store.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "runtime/simulated/simulation.h"

namespace barnabas::broker {
namespace {

using runtime::task;

// A life with some work in it, or nothing of it when the start is refused.
task<> live(runtime::world& world, metastore::memory_store& store,
            task<> (*work)(runtime::world&)) {
  config_remarks remarks;
  broker it(
      world,
      *make_server_config(
          {{"listeners", "PLAINTEXT://127.0.0.1:9092", 0}, {"log.dirs", "/data", 0}}, remarks),
      &store);
  const auto started = co_await it.start();
  EXPECT_TRUE(started) << (started ? "" : started.error().message);
  if (started) {
    co_await work(world);
  }
  co_await it.stop();
}

task<> create_topic(runtime::world& world) {
  broker_client by = co_await broker_client::open(world, "client");
  protocol::create_topics_request request{.timeout_ms = 10'000};
  request.topics.push_back({.name = "t", .num_partitions = 3, .replication_factor = 1});
  const auto answer = co_await by.ask<protocol::create_topics_response>(std::move(request), 7);
  EXPECT_EQ(answer.topics.at(0).error_code, error_code::none);
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

}  // namespace
}  // namespace barnabas::broker
