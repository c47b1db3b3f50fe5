// A controller with a store in memory and no logs: what the handlers about topics, brokers and
// settings need.
#pragma once

#include <gtest/gtest.h>

#include "base/log.h"
#include "broker/handlers/create_topics.h"
#include "broker/handlers/metadata_services.h"
#include "broker/request.h"
#include "metastore/memory_store.h"
#include "runtime/real_world.h"

namespace barnabas::broker::handlers {

struct host_without_logs final : cluster::partition_host {
  runtime::task<std::vector<result<>>> open_partitions(
      std::vector<cluster::partition_to_open> partitions) override {
    co_return std::vector<result<>>(partitions.size());
  }
  runtime::task<bool> delete_topic(cluster::topic_ptr /*topic*/) override { co_return true; }
  runtime::task<> topic_config_changed(cluster::topic_ptr /*topic*/) override { co_return; }
  runtime::task<> broker_config_changed() override { co_return; }
};

struct test_node {
  explicit test_node(runtime::world& world)
      : board(world),
        controller(world, store, board, host,
                   {.broker_id = 1,
                    .endpoints = {{"INSIDE", "PLAINTEXT", "inner", 1},
                                  {"OUTSIDE", "PLAINTEXT", "outer", 2}},
                    .rack = "r1"}),
        services{world, board, controller, config, 1} {
    config.broker_id = 1;
    facts.listener_name = "OUTSIDE";
    request.connection = &facts;
  }
  const struct request& at(std::int16_t version) {
    request.version = version;
    return request;
  }

  metastore::memory_store store;
  host_without_logs host;
  cluster::image_board board;
  cluster::controller controller;
  server_config config;
  connection_facts facts;
  struct request request;
  metadata_services services;
};

inline runtime::task<int> with_node(runtime::world& world, runtime::task<> (*work)(test_node&)) {
  test_node node(world);
  EXPECT_TRUE((co_await node.controller.load()).has_value());
  EXPECT_TRUE((co_await node.controller.start()).has_value());
  co_await work(node);
  co_await node.controller.stop();
  co_return 0;
}
inline void run(runtime::task<> (*work)(test_node&)) {
  set_log_level(log_level::error);
  runtime::real_world world({.shards = 2, .file_threads = 1, .pin_threads = false});
  EXPECT_EQ(world.run(with_node(world, work)), 0);
}

inline runtime::task<error_code> create(test_node& node, std::string_view name,
                                        std::int32_t partitions) {
  protocol::create_topics_request message;
  message.topics.push_back({.name = name, .num_partitions = partitions, .replication_factor = 1});
  co_return (co_await create_topics(node.services, node.at(7), message))
      .message.topics.front()
      .error_code;
}

}  // namespace barnabas::broker::handlers
