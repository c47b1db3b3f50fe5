#include "storage/segment_reader.h"

#include <algorithm>
#include <limits>

#include "storage/log_file_names.h"
#include "storage/offset_index.h"

namespace barnabas::storage {

result<shared_bytes> map_index(runtime::file_system& files, const std::string& path,
                               std::int64_t limit_bytes) {
  if (limit_bytes == 0 || !files.exists(path)) {
    return shared_bytes();
  }
  const auto file = files.open(path, runtime::open_mode::read);
  if (!file) {
    return std::unexpected(file.error());
  }
  const auto size = (*file)->size();
  if (!size) {
    return std::unexpected(size.error());
  }
  const std::int64_t wanted = std::min(*size, limit_bytes);
  return wanted == 0 ? result<shared_bytes>(shared_bytes()) : (*file)->map(wanted);
}

result<std::shared_ptr<const segment_reader>> segment_reader::open(runtime::file_system& files,
                                                                   const std::string& folder,
                                                                   const segment& from) {
  auto source =
      files.open(log_file_path(folder, from.base_offset, suffix::log), runtime::open_mode::read);
  if (!source) {
    return std::unexpected(source.error());
  }
  auto index = map_index(files, log_file_path(folder, from.base_offset, suffix::offset_index),
                         std::numeric_limits<std::int64_t>::max());
  if (!index) {
    return std::unexpected(index.error());
  }
  return std::make_shared<const segment_reader>(from.base_offset, from.size_bytes,
                                                std::move(*source), std::move(*index));
}

result<found_batch> segment_reader::find(std::int64_t offset, reads how) const {
  return find_batch(*source_, find_offset(offset_index_.view(), offset - base_offset_), size_bytes_,
                    offset, how);
}

result<std::int64_t> segment_reader::position_of(std::int64_t offset) const {
  const auto found = find(offset);
  return found ? result<std::int64_t>(found->position) : std::unexpected(found.error());
}

std::optional<std::int64_t> segment_reader::offset_bound_at(std::int64_t position) const {
  const auto entry = find_position(offset_index_.view(), position);
  return entry ? std::optional(base_offset_ + entry->relative_offset) : std::nullopt;
}

batch_bounds segment_reader::starts_around(std::int64_t position) const {
  return find_starts(offset_index_.view(), position);
}

}  // namespace barnabas::storage
