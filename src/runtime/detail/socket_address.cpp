#include "runtime/detail/socket_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/detail/system_error.h"

namespace barnabas::runtime::detail {
namespace {

template <class Ask>
endpoint endpoint_of(int socket, Ask ask) {
  socket_address address;
  return ask(socket, address.get(), &address.length) == 0 ? address.to_endpoint() : endpoint();
}

}  // namespace

endpoint socket_address::to_endpoint() const {
  std::array<char, NI_MAXHOST> host{};
  if (family() == AF_INET) {
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&bytes);
    ::inet_ntop(AF_INET, &v4->sin_addr, host.data(), host.size());
    return {host.data(), ntohs(v4->sin_port)};
  }
  const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&bytes);
  if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
    ::inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], host.data(), host.size());
  } else {
    ::getnameinfo(get(), length, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
  }
  return {host.data(), ntohs(v6->sin6_port)};
}

endpoint local_endpoint(int socket) {
  return endpoint_of(socket, ::getsockname);
}
endpoint peer_endpoint(int socket) {
  return endpoint_of(socket, ::getpeername);
}

result<std::vector<socket_address>> find_addresses(const endpoint& at, int flags) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int refused =
      ::getaddrinfo(at.host.c_str(), std::to_string(at.port).c_str(), &wanted, &list);
  if (refused != 0) {
    return fail(error_code::network_exception,
                at.to_string() + ": the host is unknown: " + ::gai_strerror(refused));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<socket_address> found;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    socket_address& address = found.emplace_back();
    std::memcpy(&address.bytes, each->ai_addr, each->ai_addrlen);
    address.length = each->ai_addrlen;
  }
  return found;
}

}  // namespace barnabas::runtime::detail
