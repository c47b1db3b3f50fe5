#include "storage/log_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/log.h"
#include "storage/log_directory_name.h"

namespace barnabas::storage {
namespace {

constexpr std::string_view lock_name = ".lock";
constexpr std::string_view clean_mark_name = ".kafka_cleanshutdown";

std::unexpected<error> refuse(std::string message) {
  return fail(error_code::kafka_storage_error, std::move(message));
}

// A checkpoint only saves work: without it logs are recovered from their first segment on.
offset_table offsets_or_none(runtime::file_system& files, const std::string& path) {
  auto offsets = read_offsets(files, path);
  if (offsets) {
    return std::move(*offsets);
  }
  barnabas::log(log_level::warn, "storage", "damaged checkpoint is not used",
                {field("error", offsets.error().message)});
  return {};
}

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// With its parents, and so that a crash does not take it away again.
result<> make_folder(runtime::file_system& files, const std::string& path) {
  if (files.exists(path)) {
    return {};
  }
  if (auto made = make_folder(files, parent_of(path)); !made) {
    return made;
  }
  if (auto made = files.create_folder(path); !made) {
    return made;
  }
  return files.sync_folder(parent_of(path));
}

}  // namespace

bool is_lost(const error& reason) {
  constexpr std::array fatal{EIO, EROFS, ENODEV, ENXIO, EUCLEAN, ENOENT, ENOTDIR, EACCES, EPERM};
  return std::ranges::find(fatal, reason.system_error) != fatal.end();
}

result<> log_directory::claim() {
  if (auto made = make_folder(files_, path_); !made) {
    return made;
  }
  auto lock = files_.lock(path_ + '/' + std::string(lock_name));
  if (!lock && lock.error().system_error == EAGAIN) {
    return refuse(fmt::format("log directory {} is in use by another broker, which holds {}", path_,
                              lock_name));
  }
  if (!lock) {
    return std::unexpected(lock.error());
  }
  lock_ = std::move(*lock);
  auto properties = read_meta_properties(files_, path_);
  if (!properties) {
    return std::unexpected(properties.error());
  }
  properties_ = std::move(*properties);
  return {};
}

result<> log_directory::check_identity(const directory_identity& ours) const {
  if (!properties_) {
    return {};
  }
  const auto& [version, cluster_id, broker_id, directory_id, others] = *properties_;
  if (cluster_id && *cluster_id != ours.cluster_id) {
    return refuse(fmt::format(
        "log directory {} belongs to cluster {} (cluster.id in {}), but this broker is in "
        "cluster {}",
        path_, *cluster_id, meta_properties_name, ours.cluster_id));
  }
  if (broker_id && *broker_id != ours.broker_id) {
    return refuse(fmt::format(
        "log directory {} belongs to broker {} ({} in {}), but this is broker {}", path_,
        *broker_id, version == 0 ? "broker.id" : "node.id", meta_properties_name, ours.broker_id));
  }
  return {};
}

result<> log_directory::write_identity(const directory_identity& ours, const uuid& new_id) {
  if (properties_ && properties_->cluster_id && properties_->broker_id) {
    return {};
  }
  meta_properties complete = properties_.value_or(meta_properties());
  complete.cluster_id = ours.cluster_id;
  complete.broker_id = ours.broker_id;
  if (!complete.directory_id) {
    complete.directory_id = new_id;
  }
  if (auto written = write_meta_properties(files_, path_, complete); !written) {
    return written;
  }
  properties_ = std::move(complete);
  return {};
}

result<directory_content> log_directory::scan() const {
  const auto entries = files_.list(path_);
  if (!entries) {
    return std::unexpected(entries.error());
  }
  directory_content content;
  for (const auto& entry : *entries) {
    if (!entry.is_directory) {
      content.was_closed_cleanly = content.was_closed_cleanly || entry.name == clean_mark_name;
      continue;
    }
    auto name = parse_folder_name(entry.name);
    // Kafka's own folders beside the partitions: its metadata log (KRaft) and the cache of its
    // tiered storage.
    if (entry.name == "remote-log-index-cache" ||
        (name && name->partition.topic == "__cluster_metadata")) {
      continue;
    }
    if (!name) {
      barnabas::log(log_level::warn, "storage",
                    "folder is not one of a partition and is left alone",
                    {field("folder", path_ + '/' + entry.name)});
    } else if (name->kind == folder_kind::partition) {
      content.partitions.push_back(std::move(name->partition));
    } else if (name->kind == folder_kind::deleted) {
      content.deleted_folders.push_back(entry.name);
    } else if (name->kind == folder_kind::future) {
      content.future_folders.push_back(entry.name);
    } else {
      barnabas::log(log_level::warn, "storage", "folder was set aside and is left alone",
                    {field("folder", path_ + '/' + entry.name)});
    }
  }
  content.recovery_points =
      offsets_or_none(files_, path_ + '/' + std::string(recovery_point_checkpoint));
  content.log_starts = offsets_or_none(files_, path_ + '/' + std::string(log_start_checkpoint));
  content.high_watermarks =
      offsets_or_none(files_, path_ + '/' + std::string(high_watermark_checkpoint));
  content.cleaned = offsets_or_none(files_, path_ + '/' + std::string(cleaner_checkpoint));
  return content;
}

result<> log_directory::remove_clean_mark() {
  const std::string mark = path_ + '/' + std::string(clean_mark_name);
  if (!files_.exists(mark)) {
    return {};
  }
  if (auto removed = files_.remove(mark); !removed) {
    return removed;
  }
  return files_.sync_folder(path_);
}

result<> log_directory::write_clean_mark(std::int64_t broker_epoch) {
  return files_.replace_text(path_ + '/' + std::string(clean_mark_name),
                             fmt::format("{{\"version\":0,\"brokerEpoch\":{}}}", broker_epoch));
}

}  // namespace barnabas::storage
