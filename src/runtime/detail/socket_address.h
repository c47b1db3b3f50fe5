// Addresses of sockets as the kernel has them, and how they are written.
#pragma once

#include <sys/socket.h>

#include <vector>

#include "base/result.h"
#include "runtime/socket.h"

namespace barnabas::runtime::detail {

struct socket_address {
  sockaddr_storage bytes{};
  socklen_t length = sizeof(sockaddr_storage);

  int family() const { return bytes.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
  // An IPv4 address that was mapped into IPv6 is written as itself.
  endpoint to_endpoint() const;
};

// Of a socket; empty when it has none.
endpoint local_endpoint(int socket);
endpoint peer_endpoint(int socket);

// The TCP addresses of `at`, at least one. Asks name servers, and blocks, unless the host is an
// address or `flags` (those of getaddrinfo) hold AI_NUMERICHOST.
result<std::vector<socket_address>> find_addresses(const endpoint& at, int flags);

}  // namespace barnabas::runtime::detail
