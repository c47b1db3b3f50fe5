// Where every shard finds the newest image. The controller publishes on shard 0; a reader takes its
// own shard's pointer and never waits. Each slot is touched by its shard only.
#pragma once

#include <vector>

#include "cluster/image.h"
#include "runtime/task.h"
#include "runtime/world.h"

namespace barnabas::cluster {

class image_board {
 public:
  // Holds an empty image at first. The world outlives the board.
  explicit image_board(runtime::world& world);

  // Of the calling shard. Never null. The reference is good until the next co_await; copy the
  // pointer to keep it longer.
  const image_ptr& current() const { return slots_[runtime::shard::current().index()].newest; }

  // Returns when every shard shows `next` (or a newer one). Publications take effect in the order
  // of the calls.
  runtime::task<> publish(image_ptr next);

 private:
  struct alignas(64) slot {
    image_ptr newest;
  };
  runtime::task<> show(int index, image_ptr next);
  runtime::task<> put(int index, image_ptr next);

  runtime::world& world_;
  std::vector<slot> slots_;
};

}  // namespace barnabas::cluster
