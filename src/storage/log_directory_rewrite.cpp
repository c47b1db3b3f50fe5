#include "storage/log_directory_rewrite.h"

#include <algorithm>
#include <vector>

#include "base/log.h"
#include "storage/log_file_names.h"

namespace barnabas::storage {
namespace {

constexpr std::string_view mark_name = "/.failed_sync";
constexpr std::size_t chunk_bytes = 1 << 20;

result<> rewrite_file(runtime::file_system& files, const std::string& path,
                      std::vector<std::byte>& buffer) {
  const auto opened = files.open(path, runtime::open_mode::read_write);
  if (!opened) {
    return std::unexpected(opened.error());
  }
  for (std::int64_t at = 0;;) {
    const auto got = (*opened)->read_at(buffer, at);
    if (!got) {
      return std::unexpected(got.error());
    }
    if (*got == 0) {
      return {};
    }
    if (auto written = (*opened)->write_at(bytes_view(buffer).first(*got), at); !written) {
      return written;
    }
    at += static_cast<std::int64_t>(*got);
  }
}

// Of the folder's files those that may have been written since its recovery point was.
result<std::vector<std::string>> files_to_rewrite(runtime::file_system& files,
                                                  const std::string& folder,
                                                  std::int64_t recovery_point) {
  const auto entries = files.list(folder);
  if (!entries) {
    return std::unexpected(entries.error());
  }
  // The segment that holds the recovery point has the largest base offset that is not above it.
  std::int64_t first_segment = 0;
  for (const auto& entry : *entries) {
    const auto name = parse_log_file_name(entry.name);
    if (name && name->suffix == suffix::log && name->offset <= recovery_point) {
      first_segment = std::max(first_segment, name->offset);
    }
  }
  std::vector<std::string> paths;
  for (const auto& entry : *entries) {
    const auto name = parse_log_file_name(entry.name);
    if (!entry.is_directory && (!name || name->offset >= first_segment)) {
      paths.push_back(folder + '/' + entry.name);
    }
  }
  return paths;
}

}  // namespace

void note_failed_sync(runtime::file_system& files, const std::string& directory) {
  const std::string path = directory + std::string(mark_name);
  if (const auto made = files.open(path, runtime::open_mode::create); !made) {
    barnabas::log(
        log_level::error, "storage",
        "cannot mark the directory of a failed sync: restart the machine before the broker",
        {field("directory", directory), field("error", made.error().message)});
  }
}

result<> rewrite_after_failed_sync(runtime::file_system& files, const std::string& directory,
                                   const directory_content& content) {
  const std::string mark = directory + std::string(mark_name);
  if (!files.exists(mark)) {
    return {};
  }
  barnabas::log(log_level::warn, "storage",
                "a sync had failed: writing again what may not be on disk",
                {field("directory", directory)});
  std::vector<std::byte> buffer(chunk_bytes);
  for (const auto& partition : content.partitions) {
    const auto known = content.recovery_points.find(partition);
    const auto paths = files_to_rewrite(files, directory + '/' + partition.to_string(),
                                        known == content.recovery_points.end() ? 0 : known->second);
    if (!paths) {
      return std::unexpected(paths.error());
    }
    for (const auto& path : *paths) {
      if (auto written = rewrite_file(files, path, buffer); !written) {
        return written;
      }
    }
  }
  if (auto synced = files.sync_file_system(directory); !synced) {
    return synced;
  }
  if (auto removed = files.remove(mark); !removed) {
    return removed;
  }
  return files.sync_folder(directory);
}

}  // namespace barnabas::storage
