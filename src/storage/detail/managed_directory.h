// What the log manager keeps of one directory, on the home shard.
#pragma once

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "storage/log_directory.h"
#include "storage/log_manager.h"
#include "storage/log_manager_creation.h"

namespace barnabas::storage {

struct log_manager::managed_directory {
  managed_directory(runtime::file_system& files, const std::string& path, int at)
      : directory(files, path), index(at), creations(files, path) {}

  log_directory directory;
  int index;
  bool is_online = true;
  bool is_cordoned = false;
  std::string offline_reason;
  std::size_t partitions = 0;
  creation_sync creations;
  directory_content content;  // only between scan and open
  // Renames that a crash kept a move from; only then, too.
  std::vector<std::pair<std::string, std::string>> to_finish;
  // Partitions that the checkpoint files may still name although their logs are gone. A new log of
  // that name must not be made before they are rewritten: after a crash it would begin at the old
  // one's offsets.
  std::unordered_set<topic_partition> stale;
};

}  // namespace barnabas::storage
