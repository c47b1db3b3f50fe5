#include "broker/broker.h"

#include <chrono>

#include "base/log.h"
#include "broker/api_table.h"
#include "broker/connection_settings.h"
#include "broker/node.h"
#include "broker/services.h"
#include "broker/session.h"
#include "broker/setting_reader.h"
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
  server_config config;
  node host;
  client_quotas quotas;
  services all;
  network::server server;

  parts(runtime::world& world, server_config given, metastore::store* store)
      : config(std::move(given)),
        host(world, config, store, [this](const broker_settings& settings) { apply(settings); }),
        quotas(world, host.images(), config),
        server(
            world, config.listeners, config.limits,
            [this](network::connection& connection) { return serve(connection, all); },
            [this](const std::string& address) { return quotas.connections().delay(address); },
            config.tls) {
    all.apis = &all_apis();
    all.config = &config;
    all.host = &host;
    all.quotas = &quotas;
    const setting_reader in(broker_settings{.given = &config.values});
    all.fetch_max_bytes = in.number32("fetch.max.bytes");
    all.offsets_commit_timeout = std::chrono::milliseconds(in.number("offsets.commit.timeout.ms"));
  }

  void apply(const broker_settings& settings) {
    std::vector<std::string> listeners;
    for (const network::listener_address& each : server.addresses()) {
      listeners.push_back(each.name);
    }
    server.set_limits(read_connection_limits(settings, listeners));
  }

  // The advertised addresses with the ports that the system chose for port 0.
  std::vector<network::listener_address> advertised() const {
    std::vector<network::listener_address> addresses = config.advertised_listeners;
    for (network::listener_address& each : addresses) {
      for (const network::listener_address& bound : server.addresses()) {
        if (each.at.port == 0 && bound.name == each.name) {
          each.at.port = bound.at.port;
        }
      }
    }
    return addresses;
  }
};

broker::broker(runtime::world& world, server_config config, metastore::store* store)
    : parts_(std::make_unique<parts>(world, std::move(config), store)) {}
broker::~broker() = default;

runtime::task<result<>> broker::start() {
  if (auto readable = co_await parts_->server.read_certificates(); !readable) {
    co_return readable;
  }
  if (auto listening = parts_->server.listen(); !listening) {
    co_return listening;
  }
  if (auto started = co_await parts_->host.start(parts_->advertised()); !started) {
    co_return started;
  }
  parts_->server.start();
  for (const network::listener_address& address : parts_->server.addresses()) {
    log(log_level::info, "broker", "listening", {field("address", address.to_string())});
  }
  co_return result<>{};
}

runtime::task<> broker::stop() {
  co_await parts_->server.stop(patience);
  co_await parts_->quotas.stop();
  co_await parts_->host.stop();
}

const std::vector<network::listener_address>& broker::addresses() const {
  return parts_->server.addresses();
}

}  // namespace barnabas::broker
