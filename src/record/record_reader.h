// Reads the records of a batch one by one, decompressing as it goes: memory stays below the largest
// record plus one piece of 64 KiB (and the compressor's window), whatever the batch claims.
// Everything is checked: lengths against the bytes that are there, the count, the order of offsets,
// bytes left over. Views of a record live until the next call of next() when the batch is
// compressed, else as long as the batch's bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "record/batch_view.h"
#include "record/compression.h"

namespace barnabas::record {

struct record_header {
  std::string_view key;
  std::optional<bytes_view> value;
};

// The headers of a record; for (const record_header& header : headers). Their bytes have been
// checked.
class record_headers {
 public:
  record_headers() = default;
  record_headers(std::int32_t count, bytes_view bytes) : count_(count), bytes_(bytes) {}

  std::int32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  // As they stand in the record, without their count.
  bytes_view bytes() const { return bytes_; }

  struct end_mark {};
  class iterator {
   public:
    iterator(std::int32_t left, bytes_view bytes) : left_(left), bytes_(bytes) { take(); }
    const record_header& operator*() const { return current_; }
    const record_header* operator->() const { return &current_; }
    iterator& operator++() {
      --left_;
      take();
      return *this;
    }
    bool operator==(end_mark) const { return left_ == 0; }

   private:
    void take();

    std::int32_t left_;
    bytes_view bytes_;
    record_header current_;
  };
  iterator begin() const { return {count_, bytes_}; }
  end_mark end() const { return {}; }

 private:
  std::int32_t count_ = 0;
  bytes_view bytes_;
};

struct record_view {
  std::int64_t offset = 0;
  // With log append time the batch's max timestamp.
  std::int64_t timestamp = no_timestamp;
  std::optional<bytes_view> key;
  std::optional<bytes_view> value;
  record_headers headers;
};

struct read_limits {
  // Of one record; a larger one is message_too_large.
  std::size_t max_record_bytes = std::size_t{128} << 20;
  // Of all records of a batch after decompression; message_too_large.
  std::size_t max_batch_bytes = std::size_t{256} << 20;
};

class record_reader {
 public:
  // Which offset deltas are right: 0, 1, 2... up to last_offset_delta as producers write them, or
  // growing ones not above it as compaction leaves them.
  enum class offsets : std::uint8_t { consecutive, growing };

  // The batch's bytes outlive the reader.
  explicit record_reader(batch_view batch, offsets rule = offsets::growing,
                         read_limits limits = {});

  // The next record, nothing after the last. invalid_record names what was wrong in which record;
  // corrupt_message when the compressed stream is broken. After an error it must not be called
  // again.
  result<std::optional<record_view>> next();
  // Records that next() has returned.
  std::int32_t records_read() const { return index_; }

 private:
  result<void> fill(std::size_t bytes);
  result<bytes_view> next_record_bytes();
  result<void> check_end();

  batch_view batch_;
  offsets rule_;
  read_limits limits_;
  std::int32_t index_ = 0;
  std::int64_t last_delta_ = -1;
  // What has been decompressed and not read yet, a part of buffer_; without compression the rest of
  // the payload.
  bytes_view readable_;
  // Set while a compressed stream may have more.
  std::unique_ptr<decompressor> stream_;
  std::vector<std::byte> buffer_;
};

}  // namespace barnabas::record
