#include "record/record_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "record/detail/record_decoder.h"

namespace barnabas::record {
namespace {

constexpr std::size_t smallest_piece_bytes = 1024;
constexpr std::size_t largest_piece_bytes = 64 * 1024;

std::unexpected<error> wrong_record(std::int32_t index, std::string_view what) {
  return fail(error_code::invalid_record, fmt::format("record {}: {}", index, what));
}

// A clock's sum may be anything; it wraps as Java's does.
std::int64_t add_wrapping(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

}  // namespace

record_reader::record_reader(batch_view batch, offsets rule, read_limits limits)
    : batch_(batch), rule_(rule), limits_(limits) {
  const bytes_view payload = batch.payload();
  if (batch.compression() == compression_type::none || payload.empty()) {
    readable_ = payload;
    return;
  }
  stream_ = decompressor::open(batch.compression(), payload, limits.max_batch_bytes);
  buffer_.resize(std::clamp(payload.size() * 4, smallest_piece_bytes, largest_piece_bytes));
}

// Makes `bytes` readable if the stream has so many. The buffer doubles only when it is full of
// decoded bytes.
result<void> record_reader::fill(std::size_t bytes) {
  while (readable_.size() < bytes && stream_) {
    std::size_t used = readable_.size();
    if (used > 0 && readable_.data() != buffer_.data()) {
      std::memmove(buffer_.data(), readable_.data(), used);
    }
    if (used == buffer_.size()) {
      buffer_.resize(used * 2);
    }
    const auto more = stream_->read(mutable_bytes(buffer_).subspan(used));
    if (!more) {
      return std::unexpected(more.error());
    }
    if (*more == 0) {
      stream_.reset();
    }
    readable_ = bytes_view(buffer_).first(used + *more);
  }
  return {};
}

result<bytes_view> record_reader::next_record_bytes() {
  if (auto filled = fill(detail::varint_max_bytes); !filled) {
    return std::unexpected(std::move(filled.error()));
  }
  if (readable_.empty()) {
    return fail(
        error_code::invalid_record,
        fmt::format("the header counts {} records, there are {}", batch_.record_count(), index_));
  }
  detail::byte_cursor cursor(readable_);
  std::int32_t length = 0;
  if (!cursor.take_varint(length) || length < 0) {
    return wrong_record(index_, "its length is negative, ends early or is too long");
  }
  const auto wanted = static_cast<std::size_t>(length);
  if (wanted > limits_.max_record_bytes) {
    return fail(error_code::message_too_large,
                fmt::format("record {}: {} bytes are over the limit of {}", index_, wanted,
                            limits_.max_record_bytes));
  }
  readable_ = cursor.left();
  if (auto filled = fill(wanted); !filled) {
    return std::unexpected(std::move(filled.error()));
  }
  if (readable_.size() < wanted) {
    return wrong_record(
        index_, fmt::format("its length is {}, but {} bytes are left", wanted, readable_.size()));
  }
  const bytes_view bytes = readable_.first(wanted);
  readable_ = readable_.subspan(wanted);
  return bytes;
}

result<void> record_reader::check_end() {
  if (auto filled = fill(1); !filled) {
    return filled;
  }
  if (!readable_.empty()) {
    return fail(error_code::invalid_record,
                fmt::format("bytes are left after the {} records that the header counts", index_));
  }
  return {};
}

result<std::optional<record_view>> record_reader::next() {
  if (index_ == batch_.record_count()) {
    if (auto end = check_end(); !end) {
      return std::unexpected(std::move(end.error()));
    }
    return std::nullopt;
  }
  const auto bytes = next_record_bytes();
  if (!bytes) {
    return std::unexpected(bytes.error());
  }
  detail::raw_record raw;
  if (const char* wrong = detail::decode_record(*bytes, raw); wrong != nullptr) {
    return wrong_record(index_, wrong);
  }
  const bool is_in_order =
      rule_ == offsets::consecutive ? raw.offset_delta == index_ : raw.offset_delta > last_delta_;
  if (!is_in_order || raw.offset_delta > batch_.last_offset_delta()) {
    return wrong_record(
        index_, fmt::format("its offset delta is {} after {} of at most {}", raw.offset_delta,
                            last_delta_, batch_.last_offset_delta()));
  }
  last_delta_ = raw.offset_delta;
  ++index_;
  const bool is_append_time = batch_.timestamp_type() == timestamp_type::log_append_time;
  return record_view{.offset = batch_.base_offset() + raw.offset_delta,
                     .timestamp = is_append_time
                                      ? batch_.max_timestamp()
                                      : add_wrapping(batch_.base_timestamp(), raw.timestamp_delta),
                     .key = raw.key,
                     .value = raw.value,
                     .headers = raw.headers};
}

}  // namespace barnabas::record
