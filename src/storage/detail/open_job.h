// One log to open at the start, filled on the home shard, done on a file thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "storage/log.h"
#include "storage/log_manager.h"

namespace barnabas::storage {

struct log_manager::open_job {
  topic_partition partition;
  int directory = 0;
  int shard = 0;
  std::string directory_path;
  log_open_options options;
  std::int64_t high_watermark = 0;
  uuid topic_id;                // zero: unknown, partition.metadata is left as it is
  std::string stray_name;       // of the folder, if it turns out to belong to another topic
  std::unique_ptr<log> opened;  // nothing after success: a stray
  std::optional<error> failure;

  // Blocks.
  void run(runtime::file_system& files);

 private:
  // False when the folder was set aside as a stray.
  result<bool> check_topic_id(runtime::file_system& files, const std::string& folder);
};

}  // namespace barnabas::storage
