// What the handlers about topics, brokers and settings use: they read the image on their own shard,
// and ask the controller on shard 0. Everything outlives the sessions.
#pragma once

#include <string_view>

#include "broker/quota/client_quotas.h"
#include "broker/server_config.h"
#include "cluster/controller.h"
#include "cluster/image_board.h"
#include "runtime/shard.h"
#include "runtime/world.h"

namespace barnabas::broker::handlers {

struct metadata_services {
  runtime::world& world;
  const cluster::image_board& images;
  cluster::controller& controller;
  const server_config& config;
  std::int32_t broker_id;
  client_quotas* quotas = nullptr;  // null: nobody is limited
};

// Runs `ask`, a function from the controller to a task, on the controller's shard.
template <class Ask>
auto ask_controller(metadata_services services, Ask ask) {
  return runtime::on_shard(
      services.world.shard_at(0),
      [&controller = services.controller, ask = std::move(ask)] { return ask(controller); });
}

// What a client asked for as "timeout_ms", from now.
inline runtime::steady_time deadline_after(std::int32_t timeout_ms) {
  return runtime::shard::current().now() + std::chrono::milliseconds(std::max(timeout_ms, 0));
}

// Bits of the operations that somebody may do (KIP-430); all of them while nobody is refused
// anything.
inline constexpr std::int32_t all_topic_operations = 3576;
inline constexpr std::int32_t all_cluster_operations = 8096;

}  // namespace barnabas::broker::handlers
