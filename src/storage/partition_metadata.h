// partition.metadata in the folder of a partition: which topic it belongs to, by id (KIP-516).
//   "version: 0" LF "topic_id: " id LF
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"
#include "runtime/file_system.h"

namespace barnabas::storage {

// KAFKA_STORAGE_ERROR naming `path` and the line when the text is not as above or the id is zero.
result<uuid> parse_partition_metadata(std::string_view text, std::string_view path);
std::string format_partition_metadata(const uuid& topic_id);

std::string partition_metadata_path(const std::string& folder);

// Nothing when the folder has no such file (it was written by a Kafka before 2.8).
result<std::optional<uuid>> read_partition_metadata(runtime::file_system& files,
                                                    const std::string& folder);
// Durable.
result<> write_partition_metadata(runtime::file_system& files, const std::string& folder,
                                  const uuid& topic_id);

}  // namespace barnabas::storage
