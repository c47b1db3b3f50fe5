#include "protocol/writer.h"

#include <fmt/format.h>

#include <limits>

#include "base/varint.h"
#include "protocol/detail/codec.h"

namespace barnabas::protocol {

void writer::fail(std::string text) {
  if (error_text_.empty()) {
    error_text_ = std::move(text);
  }
}

void writer::unsupported(const char* field, std::int16_t version) {
  fail(fmt::format("field {} has a value, but version {} of the message does not have the field",
                   field, version));
}

void writer::unsigned_varint(std::uint32_t value) {
  write_unsigned_varint(take(unsigned_varint_size(value)), value);
}

void writer::count(std::size_t elements, bool compact) {
  ensure(elements <= std::numeric_limits<std::int32_t>::max(), "an array or bytes beyond 2^31-1");
  if (compact) {
    unsigned_varint(static_cast<std::uint32_t>(elements) + 1);
  } else {
    store_big_endian(take(4), static_cast<std::int32_t>(elements));
  }
}

void writer::null(std::size_t length_bytes, bool compact, bool nullable, const char* field) {
  if (!nullable) {
    fail(fmt::format("field {} is null, which this version of the message does not allow", field));
  }
  if (compact) {
    unsigned_varint(0);
  } else {
    std::memset(take(length_bytes), 0xff, length_bytes);
  }
}

void writer::presence(bool is_there) {
  store_big_endian(take(1), static_cast<std::int8_t>(is_there ? 1 : -1));
}

void writer::string(std::string_view value, bool compact, const char* field) {
  if (value.size() > std::numeric_limits<std::int16_t>::max()) {
    fail(fmt::format("field {} has {} bytes, more than the 32767 a string may have", field,
                     value.size()));
  }
  if (compact) {
    unsigned_varint(static_cast<std::uint32_t>(value.size()) + 1);
  } else {
    store_big_endian(take(2), static_cast<std::int16_t>(value.size()));
  }
  std::copy_n(as_bytes(value).data(), value.size(), take(value.size()));
}

void writer::nullable_string(std::optional<std::string_view> value, bool compact, bool nullable,
                             const char* field) {
  if (value) {
    string(*value, compact, field);
  } else {
    null(2, compact, nullable, field);
  }
}

void writer::bytes(bytes_view value, bool compact) {
  count(value.size(), compact);
  std::copy_n(value.data(), value.size(), take(value.size()));
}

void writer::nullable_bytes(std::optional<bytes_view> value, bool compact, bool nullable,
                            const char* field) {
  if (value) {
    bytes(*value, compact);
  } else {
    null(4, compact, nullable, field);
  }
}

void writer::records_field(const records& value, bool compact, bool nullable, const char* field) {
  if (value.is_null()) {
    null(4, compact, nullable, field);
  } else if (value.is_external()) {
    count(value.size_bytes(), compact);
    splices_.push_back({position(), value.size_bytes(), value.slot()});
  } else {
    bytes(value.bytes(), compact);
  }
}

template <class T>
void writer::array(const std::vector<T>& value, bool compact, [[maybe_unused]] const char* field) {
  count(value.size(), compact);
  if constexpr (std::is_same_v<T, std::string_view>) {
    for (const T& element : value) {
      string(element, compact, field);
    }
  } else {
    std::byte* at = take(value.size() * sizeof(T));
    for (const T& element : value) {
      detail::store(at, element);
      at += sizeof(T);
    }
  }
}

template <class T>
void writer::nullable_array(const std::optional<std::vector<T>>& value, bool compact, bool nullable,
                            const char* field) {
  if (value) {
    array(*value, compact, field);
  } else {
    null(4, compact, nullable, field);
  }
}

#define BARNABAS_ARRAY(type)                                                                \
  template void writer::array(const std::vector<type>&, bool, const char*);                 \
  template void writer::nullable_array(const std::optional<std::vector<type>>&, bool, bool, \
                                       const char*);
BARNABAS_ARRAY(std::int8_t)
BARNABAS_ARRAY(std::int16_t)
BARNABAS_ARRAY(std::int32_t)
BARNABAS_ARRAY(std::int64_t)
BARNABAS_ARRAY(uuid)
BARNABAS_ARRAY(std::string_view)
#undef BARNABAS_ARRAY

}  // namespace barnabas::protocol
