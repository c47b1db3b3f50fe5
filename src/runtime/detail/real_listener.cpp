#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runtime/detail/real_network.h"
#include "runtime/detail/real_socket.h"
#include "runtime/detail/socket_address.h"
#include "runtime/detail/system_error.h"

namespace barnabas::runtime::detail {
namespace {

class real_listener final : public listener {
 public:
  real_listener(real_shard& home, int socket, endpoint local)
      : socket_(home, socket), local_(std::move(local)) {}

  const endpoint& local() const override { return local_; }

  task<result<std::unique_ptr<stream>>> accept(shard& home) override {
    for (;;) {
      socket_address peer;
      const int accepted =
          ::accept4(socket_.number(), peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) {
        co_return std::make_unique<real_stream>(static_cast<real_shard&>(home), accepted,
                                                local_endpoint(accepted), peer.to_endpoint());
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (const int refused = co_await socket_.wait(direction::reading); refused != 0) {
          co_return fail_network("accepting on", local_.to_string(), refused);
        }
      } else if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO) {
        co_return fail_network("accepting on", local_.to_string(), errno);
      }
    }
  }

  void close() override { socket_.close(); }

 private:
  watched_descriptor socket_;
  endpoint local_;
};

// The address to bind; of a name with several, IPv4 first, as Kafka's Java does.
result<socket_address> address_of(const endpoint& local) {
  const auto found = find_addresses(local, AI_PASSIVE);
  if (!found) {
    return fail(found.error(), "listening on ");
  }
  const auto v4 = std::ranges::find(*found, AF_INET, &socket_address::family);
  return v4 != found->end() ? *v4 : found->front();
}

socket_address any_address(int family, std::uint16_t port) {
  socket_address any;
  any.bytes.ss_family = static_cast<sa_family_t>(family);
  if (family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&any.bytes)->sin6_port = htons(port);
    any.length = sizeof(sockaddr_in6);
  } else {
    reinterpret_cast<sockaddr_in*>(&any.bytes)->sin_port = htons(port);
    any.length = sizeof(sockaddr_in);
  }
  return any;
}

// A socket that listens, or a negative errno.
int open_listening(const socket_address& address, bool is_dual_stack, int backlog) {
  const int socket = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return -errno;
  }
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (address.family() == AF_INET6) {
    const int is_v6_only = is_dual_stack ? 0 : 1;
    ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &is_v6_only, sizeof(is_v6_only));
  }
  if (::bind(socket, address.get(), address.length) != 0 || ::listen(socket, backlog) != 0) {
    const int refused = errno;
    ::close(socket);
    return -refused;
  }
  return socket;
}

}  // namespace

result<std::unique_ptr<listener>> real_network::listen(const endpoint& local, int backlog) {
  int socket = -EAFNOSUPPORT;
  if (!local.host.empty()) {
    const auto address = address_of(local);
    if (!address) {
      return std::unexpected(address.error());
    }
    socket = open_listening(*address, false, backlog);
  } else {
    socket = open_listening(any_address(AF_INET6, local.port), true, backlog);
    if (socket == -EAFNOSUPPORT || socket == -EADDRNOTAVAIL) {  // a kernel without IPv6
      socket = open_listening(any_address(AF_INET, local.port), false, backlog);
    }
  }
  if (socket < 0) {
    return fail_network("listening on", local.to_string(), -socket);
  }
  return std::make_unique<real_listener>(static_cast<real_shard&>(shard::current()), socket,
                                         endpoint{local.host, local_endpoint(socket).port});
}

}  // namespace barnabas::runtime::detail
