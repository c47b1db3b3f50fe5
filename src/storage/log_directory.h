// One folder of log.dirs: its lock, its identity (meta.properties), its clean-shutdown mark, what
// is in it, and the offsets of its checkpoints. Owned by the log_manager; its functions block, so
// they run on a file thread, one at a time, and only while nothing else uses the object.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/topic_partition.h"
#include "base/uuid.h"
#include "runtime/file_system.h"
#include "storage/meta_properties.h"
#include "storage/offset_checkpoint.h"

namespace barnabas::storage {

// Who this broker is; what meta.properties of every directory must agree with.
struct directory_identity {
  std::string cluster_id;
  std::int32_t broker_id = 0;
};

// Whether a failed operation means that the directory's disk is gone or broken, rather than full,
// out of descriptors or asked for something impossible.
bool is_lost(const error& reason);

// What scan() found.
struct directory_content {
  std::vector<topic_partition> partitions;
  std::vector<std::string> deleted_folders;  // names of -delete leftovers
  std::vector<std::string> future_folders;   // names of copies that were not finished
  bool was_closed_cleanly = false;
  offset_table recovery_points;
  offset_table log_starts;
  offset_table high_watermarks;
  offset_table cleaned;
};

class log_directory {
 public:
  log_directory(runtime::file_system& files, std::string path)
      : files_(files), path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string folder_of(const topic_partition& partition) const {
    return path_ + '/' + partition.to_string();
  }

  // Makes the folder if it is missing, takes its .lock and reads meta.properties. An error when
  // another process holds the lock, the folder cannot be used, or meta.properties is malformed.
  result<> claim();
  // Of meta.properties; nothing when the folder has none.
  const std::optional<meta_properties>& properties() const { return properties_; }

  // An error that says what differs when meta.properties names another cluster or broker.
  result<> check_identity(const directory_identity& ours) const;
  // Writes meta.properties unless it is there and complete; `new_id` becomes directory.id if there
  // was none.
  result<> write_identity(const directory_identity& ours, const uuid& new_id);

  // Reads names and checkpoints; changes nothing. Folders that are not Kafka's are left alone, with
  // a warning; so are -stray ones. Damaged checkpoints are warned of and count as
  // empty.
  result<directory_content> scan() const;

  // The mark of a clean stop, {"version":0,"brokerEpoch":-1}. remove is durable when it returns, so
  // that no crash brings the mark back beside logs that were written since.
  result<> remove_clean_mark();
  result<> write_clean_mark(std::int64_t broker_epoch);

  void release() { lock_.reset(); }

 private:
  runtime::file_system& files_;
  std::string path_;
  std::unique_ptr<runtime::file_lock> lock_;
  std::optional<meta_properties> properties_;
};

}  // namespace barnabas::storage
