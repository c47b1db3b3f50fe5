#include <cerrno>

#include "runtime/detail/real_network.h"
#include "runtime/detail/real_socket.h"
#include "runtime/detail/system_error.h"

namespace barnabas::runtime::detail {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio_error = boost::system::error_code;

struct resolver_core {
  explicit resolver_core(real_shard& home) : resolver(home.io()) {}

  tcp::resolver resolver;
  tcp::resolver::results_type found;
  wait_slot waiting;
};

using addresses = std::vector<tcp::endpoint>;

task<result<addresses>> resolve(real_shard& home, const endpoint& peer, steady_time deadline) {
  asio_error refused;
  const auto literal = asio::ip::make_address(peer.host, refused);
  if (!refused) {
    co_return addresses{tcp::endpoint(literal, peer.port)};
  }
  const auto core = std::make_shared<resolver_core>(home);
  const wait_slot& answer = co_await kernel_wait(
      core, core->waiting, deadline,
      [&core, &peer](wait_answer answer) {
        core->resolver.async_resolve(
            peer.host, std::to_string(peer.port), tcp::resolver::numeric_service,
            [&core = *core, answer](const asio_error& refused, auto found) mutable {
              core.found = std::move(found);
              answer(refused);
            });
      },
      [&core = *core] { core.resolver.cancel(); });
  if (answer.refused) {
    co_return fail(error_code::network_exception,
                   "resolving " + peer.host + ": " + answer.refused.message());
  }
  addresses found;
  for (const auto& each : core->found) {
    found.push_back(each.endpoint());
  }
  co_return found;
}

task<result<std::unique_ptr<stream>>> connect_one(real_shard& home, const endpoint& peer,
                                                  tcp::endpoint address, steady_time deadline) {
  const auto core = std::make_shared<socket_core>(home);
  asio_error refused;
  core->socket.open(address.protocol(), refused);
  if (!refused) {
    core->socket.non_blocking(true, refused);
  }
  if (!refused) {
    const wait_slot& answer = co_await kernel_wait(
        core, core->writing, deadline,
        [&core = *core, address](wait_answer answer) {
          core.socket.async_connect(address, std::move(answer));
        },
        [&core = *core] {
          asio_error ignored;
          core.socket.close(ignored);
        });
    refused = answer.refused;
  }
  if (refused) {
    co_return fail_network("connecting to", peer.to_string(), refused.value());
  }
  const auto local = core->socket.local_endpoint(refused);
  co_return std::make_unique<real_stream>(core, endpoint_of(local), endpoint_of(address));
}

}  // namespace

task<result<std::unique_ptr<stream>>> real_network::connect(endpoint peer, steady_time deadline) {
  auto& home = static_cast<real_shard&>(shard::current());
  const auto found = co_await resolve(home, peer, deadline);
  if (!found) {
    co_return std::unexpected(found.error());
  }
  result<std::unique_ptr<stream>> outcome =
      fail(error_code::network_exception, "resolving " + peer.host + ": it has no address");
  for (const tcp::endpoint& address : *found) {
    outcome = co_await connect_one(home, peer, address, deadline);
    if (outcome || home.now() >= deadline) {
      break;
    }
  }
  co_return outcome;
}

}  // namespace barnabas::runtime::detail
