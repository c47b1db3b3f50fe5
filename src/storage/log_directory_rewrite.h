// What a failed sync leaves behind: pages that are in the page cache, marked clean, and not on
// disk. As long as the machine runs, a new process reads them as if they were there, recovers them,
// and syncs them without writing anything. So a directory whose sync failed gets a mark, and the
// next start writes those bytes again before it opens a log. After a loss of power the page cache
// is gone and the mark costs only time. Functions block.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/file_system.h"
#include "storage/log_directory.h"

namespace barnabas::storage {

// The mark, an empty file; as good as the disk lets us.
void note_failed_sync(runtime::file_system& files, const std::string& directory);

// If there is a mark: writes the files of all partitions again, but for segments below the recovery
// points of the checkpoint, syncs, and removes the mark.
result<> rewrite_after_failed_sync(runtime::file_system& files, const std::string& directory,
                                   const directory_content& content);

}  // namespace barnabas::storage
