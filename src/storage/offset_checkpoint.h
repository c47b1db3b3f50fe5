// An offset for each partition of a log directory: recovery-point-offset-checkpoint,
// replication-offset-checkpoint (high watermarks), log-start-offset-checkpoint,
// cleaner-offset-checkpoint. The format is that of checkpoint_file.h with entries
//   topic SP partition SP offset
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/file_system.h"

namespace barnabas::storage {

inline constexpr std::string_view recovery_point_checkpoint = "recovery-point-offset-checkpoint";
inline constexpr std::string_view high_watermark_checkpoint = "replication-offset-checkpoint";
inline constexpr std::string_view log_start_checkpoint = "log-start-offset-checkpoint";
inline constexpr std::string_view cleaner_checkpoint = "cleaner-offset-checkpoint";

using offset_table = std::unordered_map<topic_partition, std::int64_t>;

// The error names `path` and the line that is wrong.
result<offset_table> parse_offsets(std::string_view text, std::string_view path);

// What the file says; an empty table when there is none. A damaged file is an error: its reader
// goes on without it (recovery from 0), since a checkpoint only ever saves work.
result<offset_table> read_offsets(runtime::file_system& files, const std::string& path);

// Entries in text form, gathered piece by piece (each shard writes its own partitions) and joined
// into one file.
struct offset_lines {
  std::string text;
  std::size_t count = 0;

  void add(const topic_partition& partition, std::int64_t offset);
  void append(const offset_lines& other);
  bool operator==(const offset_lines&) const = default;
};

// Durable and whole: after a crash the file has the old content or the new one.
result<> write_offsets(runtime::file_system& files, const std::string& path,
                       const offset_lines& lines);

}  // namespace barnabas::storage
