#include "broker/producer_ids.h"

namespace barnabas::broker {

runtime::task<result<std::int64_t>> producer_ids::take() {
  return runtime::on_shard(world_.shard_at(0), [this] { return take_here(); });
}

runtime::task<result<std::int64_t>> producer_ids::take_here() {
  while (next_ == end_) {
    auto block = co_await controller_.allocate_producer_ids();
    if (!block) {
      co_return fail(std::move(block.error()));
    }
    if (next_ == end_) {  // else another task has brought one meanwhile, and this one is let go
      next_ = block->first;
      end_ = block->first + block->count;
    }
  }
  co_return next_++;
}

}  // namespace barnabas::broker
