// Reads the records of a batch without compression one by one, as record_reader does with the same
// checks, but inline and without a result for each: for those to whom the nanoseconds of a record
// count. Views of records live as long as the batch's bytes.
#pragma once

#include <algorithm>

#include "record/batch_view.h"
#include "record/detail/plain_cursor.h"
#include "record/record_reader.h"

namespace barnabas::record {

class plain_reader {
 public:
  // Of no batch.
  plain_reader() = default;
  // The batch's bytes outlive the reader.
  explicit plain_reader(batch_view batch);

  // Puts the next record into `into`. False after the last, and where something is wrong.
  [[gnu::always_inline]] bool next(record_view& into) {
    if (index_ >= count_) {
      return false;
    }
    __builtin_prefetch(in_.position() + prefetched_bytes);
    const std::int64_t length = in_.varint(detail::varint_max_bytes);
    const std::byte* const begin = in_.position();
    in_.skip(sizeof(std::int8_t));  // attributes
    const std::int64_t time = in_.varint(detail::varlong_max_bytes);
    const std::int64_t delta = in_.varint(detail::varint_max_bytes);
    into.key = in_.nullable();
    into.value = in_.nullable();
    const std::int64_t headers = in_.varint(detail::varint_max_bytes);
    const std::byte* const first_header = in_.position();
    in_.skip_headers(headers);
    const std::byte* const end = in_.position();
    if (!in_.is_good() || end - begin != length || delta <= last_delta_ || delta > most_delta_) {
      is_right_ = false;
      count_ = 0;
      return false;
    }
    into.offset = base_offset_ + delta;
    // A clock's sum may be anything; it wraps as Java's does.
    into.timestamp = static_cast<std::int64_t>(static_cast<std::uint64_t>(base_timestamp_) +
                                               (static_cast<std::uint64_t>(time) & time_mask_));
    into.headers = record_headers(static_cast<std::int32_t>(headers), {first_header, end});
    last_delta_ = delta;
    ++index_;
    return true;
  }
  // Once next() has said false: invalid_record names what was wrong in which record.
  result<> check() const;
  // Records that next() may still give at most.
  std::size_t left() const {
    constexpr std::int64_t smallest_record_bytes = 7;
    return static_cast<std::size_t>(std::clamp<std::int64_t>(
        (in_.end() - in_.position()) / smallest_record_bytes, 0, std::max(count_ - index_, 0)));
  }

 private:
  // The processor's own prefetching ends with each page.
  static constexpr std::ptrdiff_t prefetched_bytes = 1024;

  std::optional<batch_view> batch_;
  detail::plain_cursor in_{{}};
  std::int32_t index_ = 0;
  std::int32_t count_ = 0;
  std::int64_t base_offset_ = 0;
  std::int64_t base_timestamp_ = 0;
  std::uint64_t time_mask_ = 0;  // 0 with log append time: all records have the batch's
  std::int64_t last_delta_ = -1;
  std::int64_t most_delta_ = 0;
  bool is_right_ = true;
};

}  // namespace barnabas::record
