#include "storage/deletion.h"

#include "base/log.h"
#include "runtime/shard.h"

namespace barnabas::storage {

void deletion_queue::add(item what, runtime::steady_time due) {
  const auto at = waiting_.emplace(due, std::move(what));
  if (!is_running_) {
    is_running_ = tasks_.spawn(run());
  } else if (at == waiting_.begin()) {
    changed_.notify_all();
  }
}

runtime::task<> deletion_queue::run() {
  while (!waiting_.empty() && !tasks_.is_stopping()) {
    const auto due = waiting_.begin()->first;
    if (due > runtime::shard::current().now()) {
      co_await changed_.wait_until(due);
      continue;
    }
    const item next = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    const auto removed = co_await runtime::blocking([&] {
      return next.is_folder ? files_.remove_folder(next.path) : files_.remove(next.path);
    });
    if (!removed) {
      barnabas::log(log_level::warn, "storage",
                    "could not remove what was deleted; the next start will",
                    {field("path", next.path), field("error", removed.error().message)});
    }
  }
  is_running_ = false;
}

runtime::task<> deletion_queue::stop() {
  tasks_.stop();
  changed_.notify_all();
  co_await tasks_.join();
}

}  // namespace barnabas::storage
