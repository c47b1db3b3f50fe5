// What the folder of a partition holds, sorted out for opening its log. Made at open(), on a file
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"

namespace barnabas::storage {

struct folder_contents {
  struct segment_files {
    std::int64_t base_offset = 0;
    bool has_log = false;
    bool has_offset_index = false;
    bool has_time_index = false;
    bool has_transaction_index = false;
  };
  // Ascending; only those with a .log file.
  std::vector<segment_files> segments;
  // Ascending.
  std::vector<std::int64_t> snapshots;
  bool has_leader_epochs = false;
};

// Lists the folder and tidies it: what was to be deleted goes, a compaction that was cut short is
// undone (.cleaned) or finished (.swap), indexes without a segment go. Files that are not Kafka's
// are left alone.
result<folder_contents> read_folder(runtime::file_system& files, const std::string& folder);

}  // namespace barnabas::storage
