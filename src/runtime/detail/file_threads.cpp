#include "runtime/detail/file_threads.h"

#include <pthread.h>

#include "runtime/detail/real_shard.h"

namespace barnabas::runtime::detail {

file_threads::file_threads(int limit, std::function<void()> prepare)
    : limit_(static_cast<std::size_t>(std::max(limit, 1))), prepare_(std::move(prepare)) {}

file_threads::~file_threads() {
  stop();
}

void file_threads::run(blocking_work& work, real_shard& home) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      return;
    }
    waiting_.push_back({&work, &home});
    if (idle_ < waiting_.size() && threads_.size() < limit_) {
      threads_.emplace_back([this] { work_loop(); });
      return;
    }
  }
  has_work_.notify_one();
}

void file_threads::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    waiting_.clear();
  }
  has_work_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

void file_threads::work_loop() {
  pthread_setname_np(pthread_self(), "file");
  prepare_();
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    has_work_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) {
      return;
    }
    const item next = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    next.work->run();
    next.home->post_finished(*next.work);
    lock.lock();
  }
}

}  // namespace barnabas::runtime::detail
