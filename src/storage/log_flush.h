// What makes a log durable up to an offset, taken out of it so that it can run on a file thread
// (log::take_flush_work).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"

namespace barnabas::storage {

struct flush_work {
  // The log is durable below it when both calls have succeeded.
  std::int64_t offset = 0;

  // First: writes leader-epoch-checkpoint if it changed (durably).
  result<> write_epochs(runtime::file_system& files) const;
  // Then: fdatasync of all files, and of the folder when files were made. One may sync the whole
  // file system instead, for many logs at once. An error is final for the log directory.
  result<> sync(runtime::file_system& files) const;

  std::string folder;
  std::shared_ptr<runtime::file> active;  // nothing: in paths
  std::vector<std::string> paths;         // of files that are not open; one that is gone is skipped
  std::string epochs;                     // empty: not changed
  bool has_new_files = false;
  // Truncations of the log so far: work from before one says nothing about what was written after
  // it.
  std::uint64_t truncations = 0;
};

}  // namespace barnabas::storage
