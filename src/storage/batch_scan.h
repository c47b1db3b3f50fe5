// Walks the batches in a segment file by their headers, forward from a position where one begins.
// Reads little: only headers of large batches, chunks of small ones. Owns its buffer; the file
// outlives it. Entries of magic 0 and 1 are stepped over with what their frame says.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "record/batch_view.h"
#include "runtime/file_system.h"
#include "storage/offset_index.h"

namespace barnabas::storage {

struct scanned_batch {
  std::int64_t position = 0;
  std::int64_t size_bytes = 0;
  std::int64_t base_offset = 0;
  std::int64_t last_offset = 0;
  // no_timestamp also of a batch that compaction has emptied.
  std::int64_t max_timestamp = record::no_timestamp;
  std::int32_t leader_epoch = record::no_leader_epoch;
  // Magic 2: header() may be asked for.
  bool has_header = false;

  std::int64_t end_position() const { return position + size_bytes; }
};

// On a shard a search must not wait for the disk: it ends where the page cache does.
enum class reads : std::uint8_t { may_wait, only_cached };

// Nothing when it would wait.
result<std::optional<std::size_t>> read_at(const runtime::file& source, mutable_bytes into,
                                           std::int64_t position, reads how);

struct scan_options {
  // At least a header's.
  std::size_t buffer_bytes = 4096;
  // Of next().
  reads how = reads::may_wait;
  // So that of the first one, too, no more than its page is read.
  bool are_batches_large = false;
};

class batch_scan {
 public:
  enum class step : std::uint8_t { batch, end, broken, would_wait };

  // From `position` up to `end`, where the file or the part of it that counts ends.
  batch_scan(const runtime::file& source, std::int64_t position, std::int64_t end,
             scan_options options = {});

  // The error is an I/O error. `broken`: what begins at position() is no whole batch; reason() says
  // why. `would_wait`: what begins there is not in the page cache.
  result<step> next();
  const scanned_batch& current() const { return current_; }
  // Of the current batch; valid until next().
  record::batch_header header() const;
  // What has been read of the current batch and behind it. The scan ends with it.
  shared_bytes take_read() &&;
  // Where the current batch begins, or the broken bytes.
  std::int64_t position() const { return current_.position; }
  const std::string& reason() const { return reason_; }

  // Also for old formats. The two that follow read the rest of the current batch if it is not in
  // the buffer.
  result<bool> is_crc_valid();
  // Valid until the next call of anything here.
  result<bytes_view> whole_batch();

 private:
  // At least `wanted` bytes from `position` on, which are there; none if that would wait.
  result<bytes_view> bytes_at(std::int64_t position, std::size_t wanted, reads how);
  std::size_t bytes_to_ask(std::int64_t position, std::size_t wanted) const;
  bool take_header(bytes_view head, std::int64_t left);
  bool take_old_format(bytes_view head);

  const runtime::file& source_;
  std::int64_t end_;
  scan_options options_;
  std::shared_ptr<std::byte[]> buffer_;
  std::int64_t buffered_from_ = 0;
  std::size_t buffered_ = 0;
  // Somebody looks into the batches: reading ahead pays also behind large ones.
  bool reads_bodies_ = false;
  scanned_batch current_;
  std::array<std::byte, record::batch_header_bytes> header_;
  std::vector<std::byte> large_batch_;
  std::string reason_;
};

struct found_batch {
  std::int64_t position = 0;
  std::int64_t size_bytes = 0;  // 0: the search did not look at it
  shared_bytes head;            // what the search has read at `position`
  bool would_wait = false;      // not found: what stands at `position` is not in the page cache
};

// The first batch whose last offset is not below `offset`; `end` is the position if there is none.
// The bounds are hints; ones that are wrong cost a scan from 0. Error: KAFKA_STORAGE_ERROR, also
// for bytes that are no batch.
result<found_batch> find_batch(const runtime::file& source, batch_bounds hints, std::int64_t end,
                               std::int64_t offset, reads how = reads::may_wait);

}  // namespace barnabas::storage
