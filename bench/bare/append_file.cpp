#include "bench/bare/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "bench/event_loop.h"

namespace barnabas::bench {
namespace {

constexpr std::int64_t reserve_step = 64 << 20;
constexpr std::size_t most_parts = 1024;  // IOV_MAX

}  // namespace

append_file::append_file(const std::string& path, bool is_durable)
    : descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)),
      is_durable_(is_durable) {
  if (descriptor_ < 0) {
    die_of_errno("opening " + path);
  }
}

void append_file::add(bytes_view bytes) {
  pending_.push_back({const_cast<std::byte*>(bytes.data()), bytes.size()});
  pending_bytes_ += static_cast<std::int64_t>(bytes.size());
}

void append_file::flush() {
  reserve(size_ + pending_bytes_);
  for (std::size_t at = 0; at < pending_.size(); at += most_parts) {
    const auto count = static_cast<int>(std::min(most_parts, pending_.size() - at));
    const ssize_t written = pwritev(descriptor_, pending_.data() + at, count, size_);
    if (written <= 0) {
      die_of_errno("writing");
    }
    size_ += written;
  }
  if (is_durable_ && !pending_.empty() && fdatasync(descriptor_) != 0) {
    die_of_errno("fdatasync");
  }
  pending_.clear();
  pending_bytes_ = 0;
}

void append_file::reserve(std::int64_t until) {
  while (until > reserved_) {
    if (fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, reserved_, reserve_step) != 0) {
      die_of_errno("fallocate");
    }
    reserved_ += reserve_step;
  }
}

}  // namespace barnabas::bench
