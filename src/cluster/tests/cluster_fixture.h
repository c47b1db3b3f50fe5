// A controller on a store in memory, in a small real world, with a host that only takes notes.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "cluster/controller.h"
#include "metastore/memory_store.h"
#include "runtime/real_world.h"

namespace barnabas::cluster {

struct noting_host final : partition_host {
  std::vector<std::string> notes;
  std::set<std::string> broken_topics;

  runtime::task<std::vector<result<>>> open_partitions(
      std::vector<partition_to_open> partitions) override {
    std::vector<result<>> answers;
    for (const auto& one : partitions) {
      const std::string name = one.topic->name + '-' + std::to_string(one.index);
      if (broken_topics.contains(one.topic->name)) {
        answers.push_back(fail(error_code::kafka_storage_error, "no disk"));
        continue;
      }
      notes.push_back((one.is_new ? "new " : "open ") + name);
      answers.emplace_back();
    }
    co_return answers;
  }
  runtime::task<bool> delete_topic(topic_ptr topic) override {
    notes.push_back("delete " + topic->name);
    co_return true;
  }
  runtime::task<> topic_config_changed(topic_ptr topic) override {
    notes.push_back("config of " + topic->name);
    co_return;
  }
  runtime::task<> broker_config_changed() override {
    notes.emplace_back("config of brokers");
    co_return;
  }
};

// What a broker is made of, as far as its cluster goes; several, one after the other, may use the
// same store.
struct test_broker {
  explicit test_broker(runtime::world& world, metastore::store& store,
                       controller_options options = standard())
      : board(world), controller(world, store, board, host, std::move(options)) {}

  static controller_options standard() {
    return {.broker_id = 1,
            .endpoints = {{"PLAINTEXT", "PLAINTEXT", "127.0.0.1", 19092}},
            .session_timeout = std::chrono::milliseconds(50)};
  }
  // What the image of shard 0 shows.
  const image& now() const { return *board.current(); }

  noting_host host;
  image_board board;
  class controller controller;
};

inline runtime::steady_time soon() {
  return runtime::shard::current().now() + std::chrono::seconds(20);
}

inline runtime::task<> start(test_broker& broker) {
  const auto loaded = co_await broker.controller.load();
  EXPECT_TRUE(loaded.has_value()) << (loaded ? "" : loaded.error().message);
  const auto started = co_await broker.controller.start();
  EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().message);
}

// One topic, with the answer's error code.
inline runtime::task<error_code> create(test_broker& broker, new_topic topic,
                                        bool validate_only = false) {
  std::vector<new_topic> all = {std::move(topic)};
  const auto answers =
      co_await broker.controller.create_topics(std::move(all), validate_only, soon());
  co_return answers.front() ? error_code::none : answers.front().error().code;
}

inline runtime::task<error_code> alter(test_broker& broker, config_change change,
                                       bool validate_only = false) {
  std::vector<config_change> all = {std::move(change)};
  const auto answers = co_await broker.controller.alter_configs(std::move(all), validate_only);
  co_return answers.front() ? error_code::none : answers.front().error().code;
}

// Every node of a store with its content, by path.
inline runtime::task<> collect(metastore::session& session, std::string path,
                               std::map<std::string, std::string>& into) {
  const auto names = co_await session.children(path.empty() ? "/" : path);
  for (const std::string& name : *names) {
    const std::string child = path + '/' + name;
    into[child] = (co_await session.get(child))->data;
    co_await collect(session, child, into);
  }
}
inline runtime::task<std::map<std::string, std::string>> nodes_of(metastore::store& store) {
  const auto session = co_await store.connect(std::chrono::seconds(1));
  std::map<std::string, std::string> nodes;
  co_await collect(**session, "", nodes);
  co_return nodes;
}

inline runtime::task<int> zero_after(runtime::task<> work) {
  co_await std::move(work);
  co_return 0;
}

// Runs a coroutine function of a world and a store on shard 0 of three.
inline void in_cluster(
    const std::function<runtime::task<>(runtime::world&, metastore::memory_store&)>& make) {
  set_log_level(log_level::error);
  metastore::memory_store store;
  runtime::real_world world({.shards = 3, .file_threads = 1, .pin_threads = false});
  EXPECT_EQ(world.run(zero_after(make(world, store))), 0);
}

}  // namespace barnabas::cluster
