// A call to another shard that ends when the connection closes on whose behalf it was made. Lives
// on the connection's shard, around the call:
//
//   closing_call watched(closing, owner);
//   auto answer = co_await on_shard(owner, ... &watched.cancel() ...);
//   co_await watched.end();
#pragma once

#include "coordinator/waiter.h"
#include "network/closing_signal.h"
#include "runtime/shard.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"

namespace barnabas::broker {

class closing_call {
 public:
  closing_call(network::closing_signal& closing, runtime::shard& owner)
      : closing_(closing), owner_(owner) {
    tasks_.spawn(watch());
  }

  // For the owner's shard.
  coordinator::cancellation& cancel() { return cancel_; }
  // The call has ended.
  runtime::task<> end() {
    has_ended_ = true;
    changed_.notify_all();
    return tasks_.join();
  }

 private:
  runtime::task<> watch();

  network::closing_signal& closing_;
  runtime::shard& owner_;
  coordinator::cancellation cancel_;
  bool has_ended_ = false;
  runtime::condition changed_;
  runtime::task_group tasks_{"closing_call"};
};

}  // namespace barnabas::broker
