// A producer on a world's first shard: its cluster, accumulator and sender put
// together. append() may be called from any thread, start() and stop() on the
// shard. The public producer (include/barnabas/producer.h) is one of these on
// the library's I/O thread; simulations run it as it is.
#pragma once

#include "client/accumulator.h"
#include "client/cluster.h"
#include "client/sender.h"
#include "runtime/world.h"

namespace barnabas::client {

class producer_core {
 public:
  // On the shard.
  producer_core(runtime::world& world, producer_configuration settings,
                own_partitioner partitioner = {})
      : settings_(std::move(settings)),
        cluster_(world, settings_.cluster),
        accumulator_(world.shard_at(0), settings_, std::move(partitioner)),
        sender_(cluster_, accumulator_, settings_) {}

  void start() {
    cluster_.start();
    sender_.start();
  }
  // Records that are not delivered fail.
  runtime::task<> stop() {
    co_await sender_.stop({error_code::network_exception, "the producer is closed"});
    co_await accumulator_.bell().close();
  }
  accumulator& records() { return accumulator_; }
  // How many records failed by it.
  runtime::task<std::size_t> purge() {
    const std::size_t before = accumulator_.outstanding();
    sender_.purge();
    co_return before - accumulator_.outstanding();
  }
  const producer_configuration& settings() const { return settings_; }

 private:
  producer_configuration settings_;
  cluster cluster_;
  accumulator accumulator_;
  sender sender_;
};

}  // namespace barnabas::client
