// Reads a segment file from front to end in large pieces of whole batches, for those who look into
// all of them. Owns its buffer, which is as large as was asked for, or as the largest batch. On a
// file thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "runtime/file_system.h"

namespace barnabas::storage {

class batch_chunks {
 public:
  // [position, end) of the file, where batches begin and end.
  batch_chunks(std::shared_ptr<const runtime::file> source, std::int64_t position, std::int64_t end,
               std::size_t buffer_bytes);

  // At least one batch, each of which record::batch_view can parse; nothing at the end. Valid until
  // the next call. CORRUPT_MESSAGE when there is no batch of magic 2 where one should be.
  result<bytes_view> next();
  // Where what next() gave begins.
  std::int64_t position() const { return chunk_at_; }

 private:
  result<> fill();

  std::shared_ptr<const runtime::file> source_;
  std::int64_t chunk_at_;
  std::size_t chunk_bytes_ = 0;
  std::int64_t end_;
  std::vector<std::byte> buffer_;
  std::size_t buffered_ = 0;  // from chunk_at_ on
};

}  // namespace barnabas::storage
