#include "runtime/shard.h"

#include "base/ensure.h"
#include "runtime/timer_queue.h"

namespace barnabas::runtime {
namespace {

thread_local shard* current_shard = nullptr;

}  // namespace

// Out of line, so that no coroutine keeps the address of one thread's variable across a wait that
// ends on another.
[[gnu::noinline]] shard* shard::current_or_null() {
  return current_shard;
}

[[gnu::noinline]] void shard::set_current(shard* shard) {
  current_shard = shard;
}

shard& shard::current() {
  shard* const found = current_or_null();
  ensure(found != nullptr, "this code runs on a shard");
  return *found;
}

timer::~timer() {
  if (owner_ != nullptr) {
    owner_->remove(*this);
  }
}

}  // namespace barnabas::runtime
