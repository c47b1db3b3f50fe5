#include "protocol/reader.h"

#include <fmt/format.h>

#include <limits>

#include "base/varint.h"
#include "protocol/detail/codec.h"

namespace barnabas::protocol {
namespace {

constexpr const char* was_null = "null where a value must be";
constexpr const char* bad_length = "a negative length";
constexpr const char* long_string = "a string longer than 32767 bytes";
constexpr const char* bad_varint = "a malformed variable-length number";
constexpr const char* many_elements = "elements do not fit into the bytes that are left";
constexpr const char* memory_limit = "elements exceed the memory limit of the message";
constexpr const char* tag_size = "the tagged field's size is not what it takes";

}  // namespace

void reader::fail(const char* reason, const char* field, std::size_t detail) {
  if (reason_ == nullptr) {
    reason_ = reason;
    field_ = field;
    failed_at_ = position();
    detail_ = detail;
  }
  at_ = end_;
}

std::string reader::error_text() const {
  if (ok()) {
    return {};
  }
  const auto where = fmt::format("field {} at byte {}: ", field_, failed_at_);
  const auto left = static_cast<std::size_t>(end_ - begin_) - failed_at_;
  if (reason_ == truncated) {
    return where + fmt::format("{} bytes needed, {} left", detail_, left);
  }
  if (reason_ == many_elements || reason_ == memory_limit) {
    return where + fmt::format("{} {} ({} left)", detail_, reason_, left);
  }
  return where + reason_;
}

std::uint32_t reader::unsigned_varint(const char* field) {
  if (at_ != end_ && std::to_integer<std::uint8_t>(*at_) < 0x80) {
    return std::to_integer<std::uint32_t>(*at_++);
  }
  std::uint64_t value = 0;
  const std::size_t taken = read_unsigned_varint({at_, end_}, value, 5);
  if (taken == 0 || value > std::numeric_limits<std::uint32_t>::max()) {
    fail(remaining() < 5 && taken == 0 ? truncated : bad_varint, field, remaining() + 1);
    return 0;
  }
  at_ += taken;
  return static_cast<std::uint32_t>(value);
}

// The length of a string (2 length bytes) or of bytes (4); -1 for null and after an error.
std::int64_t reader::length(bool compact, std::size_t length_bytes, const char* field) {
  if (compact) {
    return static_cast<std::int64_t>(unsigned_varint(field)) - 1;
  }
  const std::byte* at = take(length_bytes, field);
  if (at == nullptr) {
    return -1;
  }
  const std::int64_t value =
      length_bytes == 2 ? load_big_endian<std::int16_t>(at) : load_big_endian<std::int32_t>(at);
  if (value < -1) {
    fail(bad_length, field);
    return -1;
  }
  return value;
}

bytes_view reader::blob(std::int64_t length, const char* field) {
  const std::byte* at = take(static_cast<std::size_t>(length), field);
  return at == nullptr ? bytes_view() : bytes_view(at, static_cast<std::size_t>(length));
}

void reader::nullable_string(std::optional<std::string_view>& to, bool compact, bool nullable,
                             const char* field) {
  to.reset();
  const std::int64_t size = length(compact, 2, field);
  if (size < 0) {
    if (!nullable) {
      fail(was_null, field);
    }
  } else if (size > std::numeric_limits<std::int16_t>::max()) {
    fail(long_string, field);
  } else {
    to = as_text(blob(size, field));
  }
}

void reader::string(std::string_view& to, bool compact, const char* field) {
  std::optional<std::string_view> value;
  nullable_string(value, compact, false, field);
  to = value.value_or(std::string_view());
}

void reader::nullable_bytes(std::optional<bytes_view>& to, bool compact, bool nullable,
                            const char* field) {
  to.reset();
  const std::int64_t size = length(compact, 4, field);
  if (size >= 0) {
    to = blob(size, field);
  } else if (!nullable) {
    fail(was_null, field);
  }
}

void reader::bytes(bytes_view& to, bool compact, const char* field) {
  std::optional<bytes_view> value;
  nullable_bytes(value, compact, false, field);
  to = value.value_or(bytes_view());
}

void reader::records_field(records& to, bool compact, bool nullable, const char* field) {
  std::optional<bytes_view> value;
  nullable_bytes(value, compact, nullable, field);
  to = value ? records(*value) : records();
}

std::int32_t reader::count(bool compact, bool nullable, std::size_t smallest_bytes,
                           std::size_t memory_bytes, const char* field) {
  const std::int64_t elements = length(compact, 4, field);
  if (elements < 0) {
    if (!nullable) {
      fail(was_null, field);
    }
    return -1;
  }
  const auto size = static_cast<std::size_t>(elements);
  if (size > remaining() / smallest_bytes) {
    fail(many_elements, field, size);
    return -1;
  }
  if (size > memory_left_bytes_ / memory_bytes) {
    fail(memory_limit, field, size);
    return -1;
  }
  memory_left_bytes_ -= size * memory_bytes;
  return static_cast<std::int32_t>(size);
}

bool reader::presence(const char* field) {
  const std::byte* at = take(1, field);
  return at != nullptr && load_big_endian<std::int8_t>(at) >= 0;
}

reader::tag reader::begin_tag() {
  tag it{unsigned_varint("tag"), nullptr};
  const std::uint32_t size = unsigned_varint("tag size");
  const std::byte* at = take(size, "tagged field");
  if (at == nullptr) {
    return {std::numeric_limits<std::uint32_t>::max(), end_};
  }
  it.end = at_;
  at_ = at;
  return it;
}

void reader::end_tag(const tag& it, const char* field) {
  if (ok() && at_ != it.end) {
    fail(tag_size, field);
  }
}

void reader::skip_tags() {
  for (std::uint32_t left = unsigned_varint("tag count"); left > 0 && ok(); --left) {
    skip(begin_tag());
  }
}

template <class T>
void reader::array(std::vector<T>& to, bool compact, const char* field) {
  std::optional<std::vector<T>> value;
  nullable_array(value, compact, false, field);
  to = value ? std::move(*value) : std::vector<T>();
}

template <class T>
void reader::nullable_array(std::optional<std::vector<T>>& to, bool compact, bool nullable,
                            const char* field) {
  to.reset();
  constexpr bool is_string = std::is_same_v<T, std::string_view>;
  const std::size_t smallest_bytes = is_string ? (compact ? 1 : 2) : sizeof(T);
  const std::int32_t elements = count(compact, nullable, smallest_bytes, sizeof(T), field);
  if (elements < 0) {
    return;
  }
  to.emplace(static_cast<std::size_t>(elements));
  if constexpr (is_string) {
    for (T& element : *to) {
      string(element, compact, field);
    }
  } else if (const std::byte* at = take(to->size() * sizeof(T), field)) {
    for (T& element : *to) {
      detail::load(at, element);
      at += sizeof(T);
    }
  }
}

#define BARNABAS_ARRAY(type)                                          \
  template void reader::array(std::vector<type>&, bool, const char*); \
  template void reader::nullable_array(std::optional<std::vector<type>>&, bool, bool, const char*);
BARNABAS_ARRAY(std::int8_t)
BARNABAS_ARRAY(std::int16_t)
BARNABAS_ARRAY(std::int32_t)
BARNABAS_ARRAY(std::int64_t)
BARNABAS_ARRAY(uuid)
BARNABAS_ARRAY(std::string_view)
#undef BARNABAS_ARRAY

}  // namespace barnabas::protocol
