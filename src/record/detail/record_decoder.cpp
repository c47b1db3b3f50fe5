#include "record/detail/record_decoder.h"

namespace barnabas::record::detail {
namespace {

// A header takes a byte for each of its two lengths.
constexpr std::size_t smallest_header_bytes = 2;

bool skip_header(byte_cursor& cursor) {
  std::optional<bytes_view> key;
  std::optional<bytes_view> value;
  return cursor.take_nullable(key) && key && cursor.take_nullable(value);
}

}  // namespace

const char* decode_record(bytes_view bytes, raw_record& record) {
  byte_cursor cursor(bytes);
  if (!cursor.skip(sizeof(std::int8_t))) {
    return "it has no attributes";
  }
  if (!cursor.take_varlong(record.timestamp_delta)) {
    return "its timestamp delta ends early or is too long";
  }
  if (!cursor.take_varint(record.offset_delta)) {
    return "its offset delta ends early or is too long";
  }
  if (!cursor.take_nullable(record.key)) {
    return "its key's length is negative or beyond the record";
  }
  if (!cursor.take_nullable(record.value)) {
    return "its value's length is negative or beyond the record";
  }
  std::int32_t count = 0;
  if (!cursor.take_varint(count) || count < 0 ||
      static_cast<std::size_t>(count) > cursor.left().size() / smallest_header_bytes) {
    return "its header count is negative or more than its bytes can hold";
  }
  const bytes_view headers = cursor.left();
  for (std::int32_t i = 0; i < count; ++i) {
    if (!skip_header(cursor)) {
      return "a header's length is negative or beyond the record";
    }
  }
  if (!cursor.left().empty()) {
    return "bytes are left after its headers";
  }
  record.headers = record_headers(count, headers);
  return nullptr;
}

}  // namespace barnabas::record::detail

namespace barnabas::record {

void record_headers::iterator::take() {
  if (left_ == 0) {
    return;
  }
  detail::byte_cursor cursor(bytes_);
  std::optional<bytes_view> key;
  cursor.take_nullable(key);
  cursor.take_nullable(current_.value);
  current_.key = as_text(key.value_or(bytes_view{}));
  bytes_ = cursor.left();
}

}  // namespace barnabas::record
