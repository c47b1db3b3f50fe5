#include "runtime/simulated/detail/simulated_file.h"

#include <cerrno>

#include "runtime/detail/system_error.h"
#include "runtime/simulated/detail/clockwork.h"

namespace barnabas::runtime::simulated::detail {

using runtime::detail::fail_storage;

result<std::size_t> simulated_file::read_at(mutable_bytes into, std::int64_t offset) const {
  if (const int refused = disk_.strike(disk_operation::read, path_); refused != 0) {
    return fail_storage("reading", path_, refused);
  }
  if (disk_.clock_.random.chance(disk_.clock_.options.cold_probability)) {
    disk_.take_time(disk_.clock_.options.cold_read);
  }
  return node_->content.read(into, offset);
}

result<std::optional<std::size_t>> simulated_file::read_at_if_cached(mutable_bytes into,
                                                                     std::int64_t offset) const {
  if (const int refused = disk_.strike(disk_operation::read, path_); refused != 0) {
    return fail_storage("reading", path_, refused);
  }
  if (disk_.clock_.random.chance(disk_.clock_.options.cold_probability)) {
    return std::nullopt;
  }
  return node_->content.read(into, offset);
}

int simulated_file::refusal_to_write() {
  if (!is_writable_) {
    return EBADF;
  }
  return disk_.strike(disk_operation::write, path_);
}

result<> simulated_file::write_at(std::span<const bytes_view> parts, std::int64_t offset) {
  clockwork& clock = disk_.clock_;
  disk_.take_time(clock.options.write);
  int refused = refusal_to_write();
  std::int64_t wanted = 0;
  for (const bytes_view part : parts) {
    wanted += static_cast<std::int64_t>(part.size());
  }
  std::int64_t allowed = wanted;
  if (refused != 0) {
    allowed = refused == EBADF || disk_.is_frozen_ ? 0 : clock.random.between(0, wanted);
  } else if (const auto grows = offset + wanted - node_->content.used_bytes(); grows > 0) {
    if (const std::int64_t room = disk_.room_for(path_); room < grows) {
      allowed = std::max(wanted - grows + room, std::int64_t{0});
      refused = ENOSPC;
    }
  }
  clock.trace(2, static_cast<std::uint64_t>(offset + allowed));
  for (const bytes_view part : parts) {
    const auto length = std::min(part.size(), static_cast<std::size_t>(allowed));
    node_->content.write(part.first(length), offset, clock.random);
    offset += static_cast<std::int64_t>(length);
    allowed -= static_cast<std::int64_t>(length);
  }
  if (refused != 0) {
    return fail_storage("writing", path_, refused);
  }
  return {};
}

result<> simulated_file::sync() {
  disk_.take_time(disk_.sync_time_);
  disk_.clock_.trace(3, static_cast<std::uint64_t>(node_->content.size()));
  if (const int refused = disk_.strike(disk_operation::sync, path_); refused != 0) {
    if (!disk_.is_frozen_) {
      node_->content.fail_sync();
    }
    return fail_storage("syncing", path_, refused);
  }
  node_->content.sync();
  return {};
}

result<> simulated_file::truncate(std::int64_t size_bytes) {
  if (const int refused = refusal_to_write(); refused != 0) {
    return fail_storage("truncating", path_, refused);
  }
  disk_.clock_.trace(4, static_cast<std::uint64_t>(size_bytes));
  node_->content.truncate(size_bytes);
  return {};
}

result<> simulated_file::reserve(std::int64_t size_bytes) {
  if (const int refused = refusal_to_write(); refused != 0) {
    return fail_storage("reserving room for", path_, refused);
  }
  if (size_bytes - node_->content.used_bytes() > disk_.room_for(path_)) {
    return fail_storage("reserving room for", path_, ENOSPC);
  }
  return {};
}

result<shared_bytes> simulated_file::map(std::int64_t size_bytes) const {
  if (const int refused = disk_.strike(disk_operation::read, path_); refused != 0) {
    return fail_storage("mapping", path_, refused);
  }
  return node_->content.map(size_bytes);
}

}  // namespace barnabas::runtime::simulated::detail
