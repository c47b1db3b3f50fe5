// Listens, accepts, spreads connections over the shards and keeps them within their limits. Made,
// started and stopped on shard 0, where accepting happens too; a connection and its handler live on
// the shard that had the fewest. Works in any runtime::world. A connection over the per-address
// limit is closed; at max.connections, and where they come too fast, accepting waits. One that its
// address makes too soon is not served, but closed when its address has waited, so that a client in
// a loop is slowed down (KIP-612).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "network/connection.h"
#include "network/listener_address.h"
#include "network/server_limits.h"
#include "runtime/task.h"
#include "runtime/time.h"
#include "runtime/world.h"
#include "security/tls_settings.h"

namespace barnabas::network {

class server {
 public:
  // Serves one connection until it ends; runs on the connection's shard. The same object is called
  // on all shards.
  using handler = std::function<runtime::task<>(connection&)>;

  // How long an address must wait when its new connection comes too soon; zero when it does not.
  // Called on shard 0 for each connection.
  using gate = std::function<runtime::duration(const std::string& address)>;

  // TLS of the listeners that speak it, by their names.
  using tls_by_listener = std::map<std::string, security::tls_settings>;

  server(runtime::world& world, std::vector<listener_address> addresses, server_limits limits,
         handler serve, gate gate = {}, const tls_by_listener& tls = {});
  ~server();

  // Reads keys and certificates; later it is done again for each connection whose files changed.
  runtime::task<result<>> read_certificates();
  // Binds all addresses, nothing accepted yet; addresses() then has the real ports. PLAINTEXT and
  // SSL are supported.
  result<> listen();
  const std::vector<listener_address>& addresses() const;
  // From now on; connections that there are stay. Without it there are no limits of connections.
  void set_limits(connection_limits limits);
  // Accepts from now on.
  void start();
  // Stops accepting, lets running requests end, closes what is left after `patience`, and returns
  // when the last connection has gone.
  runtime::task<> stop(runtime::duration patience);

  // Accepted and not yet ended.
  std::size_t connection_count() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace barnabas::network
