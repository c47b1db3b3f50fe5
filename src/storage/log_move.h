// A log on its way to another directory of this broker (KIP-113): a copy of it in a folder
// topic-partition.<id>-future, which takes what the log has until it has caught up, and then the
// log's place (log_manager_moves.cpp). Belongs to the managed_log that is moved, on its shard. The
// copy is touched only on file threads, one call at a time, and by whoever awaits them; what others
// may know of it is noted here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/topic_partition.h"
#include "base/uuid.h"
#include "runtime/task.h"
#include "storage/log.h"

namespace barnabas::storage {

class log_move {
 public:
  // `folder` is the copy's, in log.dirs[directory].
  log_move(int directory, std::string folder) : directory_(directory), folder_(std::move(folder)) {}

  int directory() const { return directory_; }
  const std::string& folder() const { return folder_; }
  // Below `offset`, as far as the log has it.
  bool has_all_of(const log& from, std::int64_t offset) const {
    return truncations_ == from.truncations() &&
           end_offset_ >= std::min(offset, from.log_end_offset());
  }
  std::int64_t end_offset() const { return end_offset_; }
  std::int64_t size_bytes() const { return size_bytes_; }
  // What is on disk, whatever happens to the machine.
  std::int64_t durable_offset() const { return durable_offset_; }

  // Makes the folder, anew if it is there, with an empty copy that begins where the log does.
  runtime::task<result<>> begin(runtime::file_system& files, const log& from);
  // Copies what follows in the log, of about max_bytes at most. Returns how many bytes; 0 is no
  // end.
  runtime::task<result<std::int64_t>> copy_some(log& from, std::int64_t max_bytes);
  runtime::task<result<>> sync(runtime::file_system& files);
  // The copy, which is complete, has its new name already, and takes the log's place. Nothing else
  // may be called any more.
  std::unique_ptr<log> take(const log& from, std::string new_folder);

  // It shall end; it does so soon.
  bool is_cancelled = false;
  // The checkpoints of the new directory name the copy from now on.
  bool is_in_checkpoints = false;
  // An error came from the new directory, not from the log.
  bool has_failed_there = false;

 private:
  runtime::task<result<>> start_over(const log& from);
  // Runs work(copy) on a file thread.
  template <class Work>
  runtime::task<result<>> in_copy(Work work);

  int directory_;
  std::string folder_;
  std::unique_ptr<log> copy_;
  std::uint64_t truncations_ = 0;  // of the log, when the copy began
  std::int64_t end_offset_ = 0;
  std::int64_t size_bytes_ = 0;
  std::int64_t durable_offset_ = 0;
};

// Empty when the partition's name is so long that the names of such folders would be cut: nobody
// could tell whose they are.
std::string future_folder_name(const topic_partition& partition, const uuid& id);
// Of a -future folder: the one that the moved log's folder becomes.
std::string deleted_folder_of(std::string_view future_folder);

}  // namespace barnabas::storage
