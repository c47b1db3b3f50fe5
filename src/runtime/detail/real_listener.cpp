#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>

#include "runtime/detail/real_network.h"
#include "runtime/detail/real_socket.h"
#include "runtime/detail/system_error.h"

namespace barnabas::runtime::detail {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio_error = boost::system::error_code;

struct listener_core {
  explicit listener_core(real_shard& home) : acceptor(home.io()) {}

  tcp::acceptor acceptor;
  wait_slot accepting;
};

// Nothing when the peer has gone again already.
std::unique_ptr<stream> adopt(real_shard& home, const tcp& protocol, int descriptor) {
  auto core = std::make_shared<socket_core>(home);
  asio_error refused;
  core->socket.assign(protocol, descriptor, refused);
  if (refused) {
    ::close(descriptor);
    return nullptr;
  }
  core->socket.non_blocking(true, refused);
  const auto local = core->socket.local_endpoint(refused);
  if (refused) {
    return nullptr;
  }
  const auto peer = core->socket.remote_endpoint(refused);
  if (refused) {
    return nullptr;
  }
  return std::make_unique<real_stream>(std::move(core), endpoint_of(local), endpoint_of(peer));
}

class real_listener final : public listener {
 public:
  real_listener(std::shared_ptr<listener_core> core, const tcp& protocol, endpoint local)
      : core_(std::move(core)), protocol_(protocol), local_(std::move(local)) {}
  ~real_listener() override { real_listener::close(); }

  const endpoint& local() const override { return local_; }

  task<result<std::unique_ptr<stream>>> accept(shard& home) override {
    for (;;) {
      const int accepted = ::accept4(core_->acceptor.native_handle(), nullptr, nullptr,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) {
        if (auto made = adopt(static_cast<real_shard&>(home), protocol_, accepted)) {
          co_return made;
        }
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (const int refused = co_await wait_for_peer(); refused != 0) {
          co_return fail_network("accepting on", local_.to_string(), refused);
        }
      } else if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO) {
        co_return fail_network("accepting on", local_.to_string(), errno);
      }
    }
  }

  void close() override {
    asio_error ignored;
    core_->acceptor.close(ignored);
  }

 private:
  // 0 or an errno.
  task<int> wait_for_peer() {
    const std::shared_ptr<listener_core> core = core_;
    const wait_slot& answer = co_await kernel_wait(
        core, core->accepting, no_deadline,
        [&core = *core](wait_answer answer) {
          core.acceptor.async_wait(asio::socket_base::wait_read, std::move(answer));
        },
        [&core = *core] {
          asio_error ignored;
          core.acceptor.cancel(ignored);
        });
    if (answer.refused == asio::error::operation_aborted) {
      co_return ECANCELED;
    }
    co_return answer.refused.value();
  }

  std::shared_ptr<listener_core> core_;
  tcp protocol_;
  endpoint local_;
};

// The address to bind; of a name with several, IPv4 first, as Kafka's Java does.
result<tcp::endpoint> address_of(asio::io_context& io, const endpoint& local) {
  asio_error refused;
  const auto literal = asio::ip::make_address(local.host, refused);
  if (!refused) {
    return tcp::endpoint(literal, local.port);
  }
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(local.host, "", tcp::resolver::passive, refused);
  if (refused || found.empty()) {
    return fail(error_code::network_exception, "listening on " + local.to_string() +
                                                   ": the host is unknown: " + refused.message());
  }
  for (const auto& each : found) {
    if (each.endpoint().address().is_v4()) {
      return tcp::endpoint(each.endpoint().address(), local.port);
    }
  }
  return tcp::endpoint(found.begin()->endpoint().address(), local.port);
}

asio_error open_acceptor(tcp::acceptor& acceptor, const tcp::endpoint& address, bool is_dual_stack,
                         int backlog) {
  asio_error refused;
  acceptor.open(address.protocol(), refused);
  if (refused) {
    return refused;
  }
  asio_error ignored;
  acceptor.set_option(asio::socket_base::reuse_address(true), ignored);
  if (address.protocol() == tcp::v6()) {
    acceptor.set_option(asio::ip::v6_only(!is_dual_stack), ignored);
  }
  acceptor.bind(address, refused);
  if (refused) {
    return refused;
  }
  acceptor.listen(backlog, refused);
  if (refused) {
    return refused;
  }
  acceptor.non_blocking(true, refused);
  return refused;
}

}  // namespace

result<std::unique_ptr<listener>> real_network::listen(const endpoint& local, int backlog) {
  auto& home = static_cast<real_shard&>(shard::current());
  auto core = std::make_shared<listener_core>(home);
  tcp::endpoint address(tcp::v6(), local.port);
  if (!local.host.empty()) {
    const auto found = address_of(home.io(), local);
    if (!found) {
      return std::unexpected(found.error());
    }
    address = *found;
  }
  auto refused = open_acceptor(core->acceptor, address, local.host.empty(), backlog);
  if (local.host.empty() &&
      (refused == asio::error::address_family_not_supported || refused.value() == EADDRNOTAVAIL)) {
    // A kernel without IPv6.
    asio_error ignored;
    core->acceptor.close(ignored);
    address = tcp::endpoint(tcp::v4(), local.port);
    refused = open_acceptor(core->acceptor, address, false, backlog);
  }
  if (refused) {
    return fail_network("listening on", local.to_string(), refused.value());
  }
  asio_error ignored;
  const endpoint bound{local.host, core->acceptor.local_endpoint(ignored).port()};
  return std::make_unique<real_listener>(std::move(core), address.protocol(), bound);
}

}  // namespace barnabas::runtime::detail
