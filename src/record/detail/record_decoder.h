// Decodes the bytes of one record (record_format in batch_format.h) into views, checking
// everything.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "record/detail/plain_cursor.h"
#include "record/record_reader.h"

namespace barnabas::record::detail {

// Takes values from the front of bytes; each returns false when they end early, a varint is too
// long or a length negative where it must not be.
class byte_cursor {
 public:
  explicit byte_cursor(bytes_view bytes) : left_(bytes) {}

  bytes_view left() const { return left_; }
  bool skip(std::size_t bytes) {
    if (left_.size() < bytes) {
      return false;
    }
    left_ = left_.subspan(bytes);
    return true;
  }
  bool take_varlong(std::int64_t& value) {
    const std::size_t taken = read_varint(left_, value, varlong_max_bytes);
    left_ = left_.subspan(taken);
    return taken != 0;
  }
  bool take_varint(std::int32_t& value) {
    std::int64_t wide = 0;
    const std::size_t taken = read_varint(left_, wide, varint_max_bytes);
    left_ = left_.subspan(taken);
    value = static_cast<std::int32_t>(wide);
    return taken != 0 && value == wide;
  }
  // A length and so many bytes; -1 is null.
  bool take_nullable(std::optional<bytes_view>& value) {
    std::int32_t length = 0;
    if (!take_varint(length) || length < -1 ||
        (length > 0 && static_cast<std::size_t>(length) > left_.size())) {
      return false;
    }
    if (length == -1) {
      value.reset();
      return true;
    }
    value = left_.first(static_cast<std::size_t>(length));
    left_ = left_.subspan(value->size());
    return true;
  }

 private:
  bytes_view left_;
};

// A record as it stands in a batch, deltas not applied.
struct raw_record {
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  std::optional<bytes_view> key;
  std::optional<bytes_view> value;
  record_headers headers;
};

// Null when `bytes`, without their length, are exactly one record; else what is wrong, as in "its
// key".
const char* decode_record(bytes_view bytes, raw_record& record);

}  // namespace barnabas::record::detail
