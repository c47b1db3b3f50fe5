#include "cluster/image_board.h"

#include "runtime/task_group.h"

namespace barnabas::cluster {

image_board::image_board(runtime::world& world) : world_(world), slots_(world.shard_count()) {
  const auto empty = std::make_shared<const image>();
  for (slot& one : slots_) {
    one.newest = empty;
  }
}

runtime::task<> image_board::show(int index, image_ptr next) {
  co_await runtime::on_shard(world_.shard_at(index),
                             [this, index, next]() -> runtime::task<> { return put(index, next); });
}

runtime::task<> image_board::put(int index, image_ptr next) {
  slots_[index].newest = std::move(next);
  co_return;
}

runtime::task<> image_board::publish(image_ptr next) {
  // Posts to a shard keep their order, so all that is needed is to post to each at once.
  runtime::task_group group("image_board");
  for (int index = 0; index < world_.shard_count(); ++index) {
    group.spawn(show(index, next));
  }
  co_await group.join();
}

}  // namespace barnabas::cluster
