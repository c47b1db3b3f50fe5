#include "broker/broker.h"

#include <chrono>

#include "base/log.h"
#include "broker/api_table.h"
#include "broker/services.h"
#include "broker/session.h"
#include "network/server.h"

namespace barnabas::broker {
namespace {

constexpr auto patience = std::chrono::milliseconds(500);

runtime::task<> serve(network::connection& connection, services& services) {
  session it(connection, *services.apis, services);
  co_await it.run();
}

}  // namespace

struct broker::parts {
  runtime::world& world;
  server_config config;
  services all;
  network::server server;

  parts(runtime::world& world, server_config given)
      : world(world),
        config(std::move(given)),
        server(world, config.listeners, config.limits,
               [this](network::connection& connection) { return serve(connection, all); }) {
    all.apis = &all_apis();
  }
};

broker::broker(runtime::world& world, server_config config)
    : parts_(std::make_unique<parts>(world, std::move(config))) {}
broker::~broker() = default;

runtime::task<result<>> broker::start() {
  if (auto listening = parts_->server.listen(); !listening) {
    co_return listening;
  }
  parts_->server.start();
  for (const network::listener_address& address : parts_->server.addresses()) {
    log(log_level::info, "broker", "listening", {field("address", address.to_string())});
  }
  co_return result<>{};
}

runtime::task<> broker::stop() { co_await parts_->server.stop(patience); }

const std::vector<network::listener_address>& broker::addresses() const { return parts_->server.addresses(); }

}  // namespace barnabas::broker
