// Everything that keeps clients to their quotas, in one place for the wiring: the meters of all
// shards, and what shard 0 alone counts. Outlives the sessions and the server.
#pragma once

#include "broker/quota/client_limits.h"
#include "broker/quota/connection_quota.h"
#include "broker/quota/meters.h"
#include "broker/quota/mutation_quota.h"
#include "broker/server_config.h"
#include "cluster/image_board.h"
#include "runtime/world.h"

namespace barnabas::broker {

class client_quotas {
 public:
  // All outlive it.
  client_quotas(runtime::world& world, const cluster::image_board& images,
                const server_config& config);

  // On any shard: whether there is any quota. All that a request costs where there is none.
  bool are_there() const { return !images_.current()->quotas->empty(); }
  const std::shared_ptr<const cluster::client_quotas>& current() const {
    return images_.current()->quotas;
  }
  quota_meters& meters() { return meters_; }
  mutation_quota& mutations() { return mutations_; }        // on shard 0
  connection_quota& connections() { return connections_; }  // on shard 0
  runtime::task<> stop() { return meters_.stop(); }

 private:
  const cluster::image_board& images_;
  quota_meters meters_;
  mutation_quota mutations_;
  connection_quota connections_;
};

}  // namespace barnabas::broker
