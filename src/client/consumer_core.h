// A consumer on a world's first shard: its cluster, fetcher and queue put
// together. queue() may be used from any thread, the rest on the shard. The
// public consumer (include/barnabas/consumer.h) is one of these on the
// library's I/O thread; simulations run it as it is.
#pragma once

#include "client/cluster.h"
#include "client/fetcher.h"
#include "runtime/world.h"

namespace barnabas::client {

class consumer_core {
 public:
  consumer_core(runtime::world& world, consumer_configuration settings)
      : settings_(std::move(settings)),
        cluster_(world, settings_.cluster),
        queue_(settings_.queue_bytes),
        fetcher_(cluster_, queue_, settings_) {}

  void start() {
    cluster_.start();
    fetcher_.start();
  }
  runtime::task<> stop() { return fetcher_.stop(); }
  fetcher& fetching() { return fetcher_; }
  fetch_queue& queue() { return queue_; }
  client::cluster& cluster() { return cluster_; }
  const consumer_configuration& settings() const { return settings_; }

 private:
  consumer_configuration settings_;
  client::cluster cluster_;
  fetch_queue queue_;
  fetcher fetcher_;
};

}  // namespace barnabas::client
