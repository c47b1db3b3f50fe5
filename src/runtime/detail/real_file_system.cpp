#include "runtime/detail/real_file_system.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "runtime/detail/real_file.h"
#include "runtime/detail/system_error.h"

namespace barnabas::runtime::detail {
namespace {

namespace fs = std::filesystem;

class open_descriptor {
 public:
  open_descriptor(const std::string& path, int flags)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  open_descriptor(const open_descriptor&) = delete;
  open_descriptor& operator=(const open_descriptor&) = delete;
  ~open_descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

int flags_of(open_mode mode) {
  switch (mode) {
    case open_mode::read:
      return O_RDONLY;
    case open_mode::read_write:
      return O_RDWR;
    case open_mode::create:
      return O_RDWR | O_CREAT;
    case open_mode::create_exclusive:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

// Opens a folder and hands its descriptor to `call`, which answers as system calls do.
template <class Call>
result<> with_folder(std::string_view operation, const std::string& folder, Call call) {
  const open_descriptor opened(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (opened.number() < 0 || call(opened.number()) != 0) {
    return fail_storage(operation, folder, errno);
  }
  return {};
}

// As Java's FileChannel.lock() takes it, so that Apache Kafka and we see each other's; but owned by
// the descriptor, not by the process.
class real_file_lock final : public file_lock {
 public:
  explicit real_file_lock(int descriptor) : descriptor_(descriptor) {}
  ~real_file_lock() override { ::close(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

result<std::shared_ptr<file>> real_file_system::open(const std::string& path, open_mode mode) {
  open_descriptor opened(path, flags_of(mode));
  if (opened.number() < 0) {
    return fail_storage("opening", path, errno);
  }
  return std::make_shared<real_file>(path, opened.release());
}

bool real_file_system::exists(const std::string& path) const {
  return ::access(path.c_str(), F_OK) == 0;
}

result<std::vector<directory_entry>> real_file_system::list(const std::string& folder) const {
  std::vector<directory_entry> entries;
  std::error_code refused;
  for (fs::directory_iterator at(folder, refused), end; !refused && at != end;
       at.increment(refused)) {
    std::error_code unknown;
    entries.push_back({at->path().filename().string(), at->is_directory(unknown)});
  }
  if (refused) {
    return fail_storage("listing", folder, refused.value());
  }
  return entries;
}

result<> real_file_system::create_folder(const std::string& folder) {
  std::error_code refused;
  fs::create_directories(folder, refused);
  if (refused) {
    return fail_storage("creating the folder", folder, refused.value());
  }
  return {};
}

result<> real_file_system::remove(const std::string& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
    return fail_storage("removing", file, errno);
  }
  return {};
}

result<> real_file_system::remove_folder(const std::string& folder) {
  std::error_code refused;
  fs::remove_all(folder, refused);
  if (refused) {
    return fail_storage("removing the folder", folder, refused.value());
  }
  return {};
}

result<> real_file_system::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return fail_storage("renaming to " + to + " the file", from, errno);
  }
  return {};
}

result<> real_file_system::sync_folder(const std::string& folder) {
  return with_folder("syncing the folder", folder, [](int opened) { return ::fsync(opened); });
}

result<> real_file_system::sync_file_system(const std::string& folder) {
  return with_folder("syncing the file system of", folder,
                     [](int opened) { return ::syncfs(opened); });
}

result<disk_space> real_file_system::space_of(const std::string& folder) const {
  struct statvfs status{};
  if (::statvfs(folder.c_str(), &status) != 0) {
    return fail_storage("taking the space of", folder, errno);
  }
  const auto block_bytes = static_cast<std::int64_t>(status.f_frsize);
  return disk_space{static_cast<std::int64_t>(status.f_blocks) * block_bytes,
                    static_cast<std::int64_t>(status.f_bavail) * block_bytes};
}

std::string real_file_system::absolute(const std::string& path) const {
  auto normal = std::filesystem::absolute(path).lexically_normal();
  return (normal.has_filename() ? normal : normal.parent_path()).string();
}

result<std::unique_ptr<file_lock>> real_file_system::lock(const std::string& path) {
  open_descriptor opened(path, O_RDWR | O_CREAT);
  if (opened.number() < 0) {
    return fail_storage("opening the lock", path, errno);
  }
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(opened.number(), F_OFD_SETLK, &whole) != 0) {
    return fail_storage("somebody else holds the lock", path, errno);
  }
  return std::make_unique<real_file_lock>(opened.release());
}

}  // namespace barnabas::runtime::detail
