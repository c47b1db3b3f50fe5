#include "storage/detail/open_job.h"

#include "base/log.h"
#include "storage/partition_metadata.h"

namespace barnabas::storage {

result<bool> log_manager::open_job::check_topic_id(runtime::file_system& files,
                                                   const std::string& folder) {
  const auto stored = read_partition_metadata(files, folder);
  if (!stored && stored.error().system_error != 0) {
    return std::unexpected(stored.error());
  }
  if (stored && *stored && **stored == topic_id) {
    return true;
  }
  if (stored && *stored) {
    barnabas::log(log_level::warn, "storage",
                  "partition belongs to an older topic of that name and is set aside",
                  {field("folder", folder), field("topic_id", (*stored)->to_string()),
                   field("now", stray_name)});
    if (auto renamed = files.rename(folder, directory_path + '/' + stray_name); !renamed) {
      return std::unexpected(renamed.error());
    }
    if (auto synced = files.sync_folder(directory_path); !synced) {
      return std::unexpected(synced.error());
    }
    return false;
  }
  if (!stored) {
    barnabas::log(log_level::warn, "storage", "damaged partition.metadata is written anew",
                  {field("error", stored.error().message)});
  }
  if (auto written = write_partition_metadata(files, folder, topic_id); !written) {
    return std::unexpected(written.error());
  }
  return true;
}

void log_manager::open_job::run(runtime::file_system& files) {
  const std::string folder = directory_path + '/' + partition.to_string();
  if (!topic_id.is_zero()) {
    const auto is_ours = check_topic_id(files, folder);
    if (!is_ours) {
      failure = is_ours.error();
    }
    if (!is_ours || !*is_ours) {
      return;
    }
  }
  auto log = log::open(files, folder, options);
  if (log) {
    opened = std::move(*log);
  } else {
    failure = std::move(log.error());
  }
}

}  // namespace barnabas::storage
