// What a round of the flusher does on the file threads.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"
#include "storage/log_flush.h"
#include "storage/managed_log.h"

namespace barnabas::storage::detail {

struct flushed_log {
  managed_log* log;  // not touched on the file thread
  flush_work work;
  result<> outcome{};
  bool is_final = false;  // the outcome is an error that takes the directory offline
};

// After a final failure both leave the mark of a failed sync in `directory`, before anybody else
// can go on. One log, by its files.
void sync_log(runtime::file_system& files, const std::string& directory, flushed_log& flushed);
// All of them by syncing the file system of `directory`.
void sync_together(runtime::file_system& files, const std::string& directory,
                   std::vector<flushed_log>& round);

}  // namespace barnabas::storage::detail
