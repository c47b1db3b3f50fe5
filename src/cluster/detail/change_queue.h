// Runs changes one at a time, each to its end even when whoever asked has gone or waits no longer.
// Lives on one shard.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"

namespace barnabas::cluster::detail {

class change_queue {
 public:
  // What `work` answers; nothing when the deadline came first or the queue is closed.
  template <class T>
  runtime::task<std::optional<T>> run(runtime::task<T> work, runtime::steady_time deadline) {
    const auto waiting = std::make_shared<pending<T>>();
    tasks_.spawn(run_in_turn(std::move(work), waiting));
    while (!waiting->answer && !tasks_.is_stopping()) {
      if (!co_await waiting->answered.wait_until(deadline)) {
        break;
      }
    }
    co_return std::move(waiting->answer);
  }

  // Starts nothing more and waits for what has begun.
  runtime::task<> close() {
    tasks_.stop();
    co_await tasks_.join();
  }

 private:
  template <class T>
  struct pending {
    std::optional<T> answer;
    runtime::condition answered;
  };

  template <class T>
  runtime::task<> run_in_turn(runtime::task<T> work, std::shared_ptr<pending<T>> waiting) {
    while (is_busy_) {
      co_await freed_.wait_until(runtime::no_deadline);
    }
    is_busy_ = true;
    waiting->answer = co_await std::move(work);
    is_busy_ = false;
    freed_.notify_all();
    waiting->answered.notify_all();
  }

  bool is_busy_ = false;
  runtime::condition freed_;
  runtime::task_group tasks_{"controller"};
};

}  // namespace barnabas::cluster::detail
