// What the generated readers, writers and sizes of messages are made of: fixed-size values, arrays
// of structs, and the sizes of everything else. The encodings stand in protocol/reader.h.
#pragma once

#include <bit>
#include <concepts>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/endian.h"
#include "base/uuid.h"
#include "base/varint.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace barnabas::protocol::detail {

// A fixed-size value at `at`, which the caller has checked.
template <class T>
void load(const std::byte* at, T& to) {
  if constexpr (std::is_same_v<T, uuid>) {
    std::memcpy(to.bytes.data(), at, 16);
  } else if constexpr (std::is_same_v<T, bool>) {
    to = *at != std::byte{0};
  } else if constexpr (std::is_same_v<T, double>) {
    to = std::bit_cast<double>(load_big_endian<std::uint64_t>(at));
  } else if constexpr (std::is_enum_v<T>) {
    to = static_cast<T>(load_big_endian<std::underlying_type_t<T>>(at));
  } else {
    to = load_big_endian<T>(at);
  }
}

template <class T>
void store(std::byte* at, const T& value) {
  if constexpr (std::is_same_v<T, uuid>) {
    std::memcpy(at, value.bytes.data(), 16);
  } else if constexpr (std::is_same_v<T, bool>) {
    *at = value ? std::byte{1} : std::byte{0};
  } else if constexpr (std::is_same_v<T, double>) {
    store_big_endian(at, std::bit_cast<std::uint64_t>(value));
  } else if constexpr (std::is_enum_v<T>) {
    store_big_endian(at, static_cast<std::underlying_type_t<T>>(value));
  } else {
    store_big_endian(at, value);
  }
}

template <class Array>
void read_structs(reader& in, Array& to, std::int16_t version, bool compact,
                  std::size_t smallest_bytes, const char* field) {
  using T = typename Array::value_type;
  to.clear();
  const std::int32_t elements = in.count(compact, false, smallest_bytes, sizeof(T), field);
  if (elements > 0) {
    to.resize(static_cast<std::size_t>(elements));
    for (T& element : to) {
      if (!element.read(in, version)) {
        return;
      }
    }
  }
}

template <class T>
void read_structs(reader& in, std::optional<std::vector<T>>& to, std::int16_t version, bool compact,
                  bool nullable, std::size_t smallest_bytes, const char* field) {
  to.reset();
  const std::int32_t elements = in.count(compact, nullable, smallest_bytes, sizeof(T), field);
  if (elements >= 0) {
    to.emplace(static_cast<std::size_t>(elements));
    for (T& element : *to) {
      if (!element.read(in, version)) {
        return;
      }
    }
  }
}

template <class T>
void read_struct(reader& in, std::optional<T>& to, std::int16_t version, const char* field) {
  to.reset();
  if (in.presence(field)) {
    to.emplace().read(in, version);
  }
}

template <class Array>
void write_structs(writer& out, const Array& from, std::int16_t version, bool compact) {
  out.count(from.size(), compact);
  for (const auto& element : from) {
    element.write(out, version);
  }
}

template <class T>
void write_structs(writer& out, const std::optional<std::vector<T>>& from, std::int16_t version,
                   bool compact, bool nullable, const char* field) {
  if (from) {
    write_structs(out, *from, version, compact);
  } else {
    out.null(4, compact, nullable, field);
  }
}

template <class T>
void write_struct(writer& out, const std::optional<T>& from, std::int16_t version) {
  out.presence(from.has_value());
  if (from) {
    from->write(out, version);
  }
}

inline std::size_t count_size(std::size_t elements, bool compact) {
  return compact ? unsigned_varint_size(elements + 1) : 4;
}
inline std::size_t size_of(std::string_view value, bool compact) {
  return (compact ? unsigned_varint_size(value.size() + 1) : 2) + value.size();
}
inline std::size_t size_of(const std::optional<std::string_view>& value, bool compact) {
  return value ? size_of(*value, compact) : compact ? 1 : 2;
}
inline std::size_t size_of(bytes_view value, bool compact) {
  return count_size(value.size(), compact) + value.size();
}
inline std::size_t size_of(const std::optional<bytes_view>& value, bool compact) {
  return value ? size_of(*value, compact) : compact ? 1 : 4;
}
inline std::size_t size_of(const records& value, bool compact) {
  return value.is_null() ? (compact ? 1 : 4)
                         : count_size(value.size_bytes(), compact) + value.size_bytes();
}
template <class T>
std::size_t size_of(const std::vector<T>& value, bool compact) {
  std::size_t size = count_size(value.size(), compact);
  if constexpr (std::is_same_v<T, std::string_view>) {
    for (const T& element : value) {
      size += size_of(element, compact);
    }
  } else {
    size += value.size() * sizeof(T);
  }
  return size;
}
template <class T>
std::size_t size_of(const std::optional<std::vector<T>>& value, bool compact) {
  return value ? size_of(*value, compact) : compact ? 1 : 4;
}
template <class Array>
std::size_t size_of_structs(const Array& value, std::int16_t version, bool compact) {
  std::size_t size = count_size(value.size(), compact);
  for (const auto& element : value) {
    size += element.encoded_size(version);
  }
  return size;
}
template <class T>
std::size_t size_of_structs(const std::optional<std::vector<T>>& value, std::int16_t version,
                            bool compact) {
  return value ? size_of_structs(*value, version, compact) : compact ? 1 : 4;
}
template <class T>
std::size_t size_of_struct(const std::optional<T>& value, std::int16_t version) {
  return 1 + (value ? value->encoded_size(version) : 0);
}
// A tagged field of `size_bytes` with its tag and size.
inline std::size_t size_of_tag(std::uint32_t number, std::size_t size_bytes) {
  return unsigned_varint_size(number) + unsigned_varint_size(size_bytes) + size_bytes;
}

}  // namespace barnabas::protocol::detail
