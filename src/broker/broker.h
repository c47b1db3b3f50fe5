// The broker: everything that serves, built and wired in one place. Made, started and stopped on
// shard 0 of a world, real or simulated. Started in the order metastore, cluster controller, logs,
// partitions, listeners; stopped in the reverse one. After a failed start() only stop() may be
// called.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "broker/server_config.h"
#include "metastore/store.h"
#include "network/listener_address.h"
#include "runtime/task.h"
#include "runtime/world.h"

namespace barnabas::broker {

class broker {
 public:
  // The world outlives the broker, as does a store that is given; without one the broker opens the
  // embedded store in its first log directory.
  broker(runtime::world& world, server_config config, metastore::store* store = nullptr);
  ~broker();

  runtime::task<result<>> start();
  // Running requests get half a second.
  runtime::task<> stop();
  // Where it listens, with real ports; after start().
  const std::vector<network::listener_address>& addresses() const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace barnabas::broker
