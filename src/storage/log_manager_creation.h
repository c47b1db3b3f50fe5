// Makes partition folders, and those of one directory durable: the ones that are made at one moment
// share the syncs. creation_sync lives on the home shard, as long as the log manager.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"
#include "storage/log.h"

namespace barnabas::storage {

// On a file thread: a new folder with an empty log and partition.metadata. Nothing of it is durable
// yet.
result<std::unique_ptr<log>> fill_folder(runtime::file_system& files, const std::string& folder,
                                         const uuid& topic_id, const log_open_options& options);
// On a file thread: renames a folder of `directory`, durably.
result<> set_aside(runtime::file_system& files, const std::string& directory,
                   const std::string& folder, const std::string& new_folder);

class creation_sync {
 public:
  creation_sync(runtime::file_system& files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}

  // The folder's name in the directory, the names in it, and the content of its partition.metadata.
  runtime::task<result<>> sync(std::string folder);
  // The round that is under way ends; nobody may wait any more.
  runtime::task<> stop();

 private:
  struct round {
    std::vector<std::string> folders;
    bool has_ended = false;
    result<> outcome;
    runtime::condition ended;
  };

  runtime::task<> run();

  runtime::file_system& files_;
  std::string directory_;
  std::shared_ptr<round> next_ = std::make_shared<round>();
  bool is_running_ = false;
  runtime::task_group tasks_{"creation"};
};

}  // namespace barnabas::storage
