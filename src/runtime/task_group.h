// A task group: the tasks that a component started and must end before it goes. It lives on one
// shard, and there its tasks end. An exception that leaves a task is logged and ends that task
// only. stop() refuses new tasks and tells the running ones (they ask is_stopping() after each
// wait, and wake from stopped()); join() returns when the last has ended. Destroying a group whose
// tasks have not ended destroys them where they are suspended: that is what a simulated crash does;
// in the real world it is a mistake.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/task.h"
#include "runtime/wait.h"

namespace barnabas::runtime {

class task_group {
 public:
  // `name` appears in log lines and outlives the group.
  explicit task_group(std::string_view name) : name_(name) {}
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;
  ~task_group();

  // Starts the task at once, on the current shard, up to its first wait. After stop() the task is
  // dropped unstarted and the answer is false.
  bool spawn(task<> work);
  void stop();
  bool is_stopping() const { return is_stopping_; }
  // Notified by stop(): a wait of its own for tasks that have nothing else to wait for.
  condition& stopped() { return stopped_; }
  // stop() is called by somebody; join only waits.
  task<> join();
  std::size_t size() const { return count_; }

 private:
  struct runner;
  friend struct runner;

  std::string_view name_;
  bool is_stopping_ = false;
  std::size_t count_ = 0;
  runner* first_ = nullptr;
  condition stopped_;
  condition emptied_;
};

// Runs all tasks at once on this shard and returns their values in order.
template <class T>
task<std::vector<T>> when_all(std::vector<task<T>> tasks);

}  // namespace barnabas::runtime

#include "runtime/detail/when_all.h"
