// A segment's files, open for reading: batches, and the offset index mapped. It never changes after
// open(), so it may be used on any thread, and it shows the segment as it was then; slices of its
// file outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "runtime/file_system.h"
#include "storage/batch_scan.h"
#include "storage/log_read.h"
#include "storage/segment.h"

namespace barnabas::storage {

class segment_reader {
 public:
  static result<std::shared_ptr<const segment_reader>> open(runtime::file_system& files,
                                                            const std::string& folder,
                                                            const segment& from);
  // Of files that are open already.
  segment_reader(std::int64_t base_offset, std::int64_t size_bytes,
                 std::shared_ptr<const runtime::file> source, shared_bytes offset_index)
      : base_offset_(base_offset),
        size_bytes_(size_bytes),
        source_(std::move(source)),
        offset_index_(std::move(offset_index)) {}

  std::int64_t base_offset() const { return base_offset_; }
  std::int64_t size_bytes() const { return size_bytes_; }
  const std::shared_ptr<const runtime::file>& source() const { return source_; }

  // The first batch whose last offset is not below `offset`; at size_bytes() if there is none.
  result<found_batch> find(std::int64_t offset, reads how = reads::may_wait) const;
  result<std::int64_t> position_of(std::int64_t offset) const;
  // An offset that is not below those of the batches before `position`; nothing when only the
  // segment's end is known.
  std::optional<std::int64_t> offset_bound_at(std::int64_t position) const;
  // As the index knows them.
  batch_bounds starts_around(std::int64_t position) const;

 private:
  std::int64_t base_offset_;
  std::int64_t size_bytes_;
  std::shared_ptr<const runtime::file> source_;
  shared_bytes offset_index_;
};

// The first size_bytes bytes of an index file, mapped; empty when there is no such file or it is
// empty. A file that is shorter is mapped as far as it goes.
result<shared_bytes> map_index(runtime::file_system& files, const std::string& path,
                               std::int64_t limit_bytes);

}  // namespace barnabas::storage
