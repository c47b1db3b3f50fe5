#include "runtime/detail/real_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "base/ensure.h"
#include "runtime/detail/gather.h"
#include "runtime/detail/system_error.h"

namespace barnabas::runtime::detail {
namespace {

// Calls again as long as a signal interrupts.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    const auto outcome = call();
    if (outcome >= 0 || errno != EINTR) {
      return outcome;
    }
  }
}

}  // namespace

real_file::~real_file() {
  ::close(descriptor_);
}

result<std::int64_t> real_file::size() const {
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0) {
    return fail_storage("taking the size of", path_, errno);
  }
  return status.st_size;
}

result<std::size_t> real_file::read_at(mutable_bytes into, std::int64_t offset) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = uninterrupted([&] {
      return ::pread(descriptor_, into.data() + done, into.size() - done,
                     offset + static_cast<std::int64_t>(done));
    });
    if (got < 0) {
      return fail_storage("reading", path_, errno);
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

result<std::optional<std::size_t>> real_file::read_at_if_cached(mutable_bytes into,
                                                                std::int64_t offset) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const iovec part{into.data() + done, into.size() - done};
    const ssize_t got = uninterrupted([&] {
      return ::preadv2(descriptor_, &part, 1, offset + static_cast<std::int64_t>(done), RWF_NOWAIT);
    });
    if (got < 0 && errno == EAGAIN) {
      return std::nullopt;
    }
    if (got < 0 && errno == EOPNOTSUPP) {
      return read_at(into, offset);
    }
    if (got < 0) {
      return fail_storage("reading", path_, errno);
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

result<> real_file::write_at(std::span<const bytes_view> parts, std::int64_t offset) {
  gather rest(parts);
  while (!rest.is_done()) {
    const auto batch = rest.batch();
    const ssize_t written = uninterrupted([&] {
      return ::pwritev(descriptor_, batch.data(), static_cast<int>(batch.size()), offset);
    });
    if (written < 0) {
      return fail_storage("writing", path_, errno);
    }
    offset += written;
    rest.advance(static_cast<std::size_t>(written));
  }
  return {};
}

result<> real_file::sync() {
  if (uninterrupted([&] { return ::fdatasync(descriptor_); }) != 0) {
    return fail_storage("syncing", path_, errno);
  }
  return {};
}

result<> real_file::truncate(std::int64_t size_bytes) {
  if (uninterrupted([&] { return ::ftruncate(descriptor_, size_bytes); }) != 0) {
    return fail_storage("truncating", path_, errno);
  }
  return {};
}

result<> real_file::reserve(std::int64_t size_bytes) {
  if (size_bytes <= 0) {
    return {};
  }
  const int refused =
      uninterrupted([&] { return ::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, size_bytes); });
  if (refused != 0 && errno != EOPNOTSUPP && errno != ENOSYS) {
    return fail_storage("reserving room for", path_, errno);
  }
  return {};
}

result<shared_bytes> real_file::map(std::int64_t size_bytes) const {
  if (size_bytes == 0) {
    return shared_bytes{};
  }
  ensure(size_bytes > 0, "a mapping has a size");
  const auto length = static_cast<std::size_t>(size_bytes);
  void* const base = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, descriptor_, 0);
  if (base == MAP_FAILED) {
    return fail_storage("mapping", path_, errno);
  }
  ::madvise(base, length, MADV_RANDOM);
  const auto* const bytes = static_cast<const std::byte*>(base);
  std::shared_ptr<const std::byte[]> owner(
      bytes, [base, length](const std::byte*) { ::munmap(base, length); });
  return shared_bytes(std::move(owner), {bytes, length});
}

}  // namespace barnabas::runtime::detail
