// Files and folders of one shard that are to be removed a while after they were given up
// (file.delete.delay.ms), one at a time on a file thread. What is still here at a stop or a crash
// is found again by its name at the next start.
#pragma once

#include <map>
#include <string>

#include "runtime/file_system.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/time.h"
#include "runtime/wait.h"

namespace barnabas::storage {

class deletion_queue {
 public:
  explicit deletion_queue(runtime::file_system& files) : files_(files) {}

  void add_file(std::string path, runtime::steady_time due) { add({std::move(path), false}, due); }
  void add_folder(std::string path, runtime::steady_time due) { add({std::move(path), true}, due); }
  std::size_t size() const { return waiting_.size(); }

  // Ends after the removal that is under way; the others stay for the next start.
  runtime::task<> stop();

 private:
  struct item {
    std::string path;
    bool is_folder;
  };

  void add(item what, runtime::steady_time due);
  runtime::task<> run();

  runtime::file_system& files_;
  std::multimap<runtime::steady_time, item> waiting_;
  bool is_running_ = false;
  runtime::condition changed_;
  runtime::task_group tasks_{"deletion"};
};

}  // namespace barnabas::storage
