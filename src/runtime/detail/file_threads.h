// The few threads of the real world that run what may block. They start one by one when there is
// work and nobody idle, up to a limit, and stay. Work comes from any shard; its end is told to the
// shard that it came from.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/shard.h"

namespace barnabas::runtime::detail {

class real_shard;

class file_threads {
 public:
  // `prepare` runs first on each thread.
  file_threads(int limit, std::function<void()> prepare);
  ~file_threads();

  void run(blocking_work& work, real_shard& home);
  // Waits for the work that runs; what has not begun is dropped. No further work is taken.
  void stop();

 private:
  struct item {
    blocking_work* work;
    real_shard* home;
  };
  void work_loop();

  const std::size_t limit_;
  const std::function<void()> prepare_;
  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<item> waiting_;
  std::size_t idle_ = 0;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace barnabas::runtime::detail
