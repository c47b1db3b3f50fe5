// Files, behind the seam. Every call here runs where it is made and may block: on the shard only
// what stays in the page cache (append, a warm read), all else through blocking()
// (runtime/shard.h). Errors carry errno in system_error and KAFKA_STORAGE_ERROR as code, and their
// message names the path. A file may be shared by threads. The simulated twin loses or tears at a
// crash what sync() had not made durable.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace barnabas::runtime {

class file {
 public:
  virtual ~file() = default;

  virtual const std::string& path() const = 0;
  virtual result<std::int64_t> size() const = 0;
  // Reads up to into.size() bytes at `offset`; fewer only at the end of the file. Returns how many.
  virtual result<std::size_t> read_at(mutable_bytes into, std::int64_t offset) const = 0;
  // As read_at, but only if it need not wait for the disk (RWF_NOWAIT); nothing if it would. Reads
  // where the file system cannot tell: tmpfs, overlayfs.
  virtual result<std::optional<std::size_t>> read_at_if_cached(mutable_bytes into,
                                                               std::int64_t offset) const = 0;
  // Writes all parts one after the other at `offset`. After an error some of the bytes may be
  // there.
  virtual result<> write_at(std::span<const bytes_view> parts, std::int64_t offset) = 0;
  result<> write_at(bytes_view bytes, std::int64_t offset) {
    return write_at(std::span(&bytes, 1), offset);
  }
  // fdatasync. After an error nothing is known about what the disk holds.
  virtual result<> sync() = 0;
  virtual result<> truncate(std::int64_t size_bytes) = 0;
  // Reserves room for [0, size_bytes) without changing the size (FALLOC_FL_KEEP_SIZE); doing
  // nothing is a success.
  virtual result<> reserve(std::int64_t size_bytes) = 0;
  // A read-only view of the first size_bytes bytes, which exist. It shows later writes, and lives
  // as long as the slice, also after the file is closed or removed.
  virtual result<shared_bytes> map(std::int64_t size_bytes) const = 0;
  // For sendfile; -1 for a simulated file.
  virtual int descriptor() const = 0;
};

// Bytes [offset, offset + length) of a file, which stays open as long as a slice of it lives, also
// after its removal.
struct file_slice {
  std::shared_ptr<const file> source;
  std::int64_t offset = 0;
  std::int64_t length = 0;
  // What stands at `offset`, where that was read already; of any length.
  shared_bytes head;
};

enum class open_mode : std::uint8_t {
  read,              // must exist
  read_write,        // must exist
  create,            // read and write; made empty if it does not exist
  create_exclusive,  // read and write; must not exist
};

struct directory_entry {
  std::string name;  // without the folder
  bool is_directory = false;
};

struct disk_space {
  std::int64_t total_bytes = 0;
  std::int64_t usable_bytes = 0;
};

// Held as long as the object lives; the kernel gives it back when the process dies.
class file_lock {
 public:
  virtual ~file_lock() = default;
};

class file_system {
 public:
  virtual ~file_system() = default;

  virtual result<std::shared_ptr<file>> open(const std::string& path, open_mode mode) = 0;
  virtual bool exists(const std::string& path) const = 0;
  virtual result<std::vector<directory_entry>> list(const std::string& folder) const = 0;
  // With its parents; already there is a success.
  virtual result<> create_folder(const std::string& folder) = 0;
  virtual result<> remove(const std::string& file) = 0;           // not there is a success
  virtual result<> remove_folder(const std::string& folder) = 0;  // with all that is in it
  // Replaces `to` if it is there. Durable only after sync_folder of both parents.
  virtual result<> rename(const std::string& from, const std::string& to) = 0;
  virtual result<> sync_folder(const std::string& folder) = 0;
  // Everything that was written to the file system that holds `folder` reaches the disk (syncfs).
  virtual result<> sync_file_system(const std::string& folder) = 0;
  // Of the file system that holds the folder, for who is not root.
  virtual result<disk_space> space_of(const std::string& folder) const = 0;
  // Exclusive between processes and within one; error when somebody holds it.
  virtual result<std::unique_ptr<file_lock>> lock(const std::string& path) = 0;

  // The same place, whatever the current folder; without a slash at its end.
  virtual std::string absolute(const std::string& path) const { return path; }

  // The whole content; refuses files over limit_bytes.
  result<std::string> read_text(const std::string& path, std::int64_t limit_bytes = 64 << 20);
  // The file has the old content or the new one, whatever happens: written beside it, synced,
  // renamed, folder synced.
  result<> replace_text(const std::string& path, std::string_view text);
};

}  // namespace barnabas::runtime
