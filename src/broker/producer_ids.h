// Producer ids of this broker, out of blocks that the controller gives it (KIP-730's blocks of
// 1,000). Lives on shard 0; take() may be called on any shard.
#pragma once

#include <cstdint>

#include "cluster/controller.h"
#include "runtime/world.h"

namespace barnabas::broker {

class producer_ids {
 public:
  // Both outlive it.
  producer_ids(runtime::world& world, cluster::controller& controller)
      : world_(world), controller_(controller) {}

  // An id that nobody else gets, ever.
  runtime::task<result<std::int64_t>> take();

 private:
  runtime::task<result<std::int64_t>> take_here();

  runtime::world& world_;
  cluster::controller& controller_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace barnabas::broker
