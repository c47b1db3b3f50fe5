// The fields of a generated message as data: what the JSON printer and the registry of messages
// walk over. Static, immutable, dropped by the linker where nobody asks for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace barnabas::protocol {

enum class field_kind : std::uint8_t {
  boolean,
  int8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  float64,
  uuid,
  string,
  bytes,
  records,
  structure
};

struct struct_description;

// The elements of an array, or the one struct, behind a field; a null pointer for null.
struct field_elements {
  const void* first = nullptr;
  std::size_t count = 0;
};

struct field_description {
  const char* name;  // Kafka's, in camel case
  std::uint16_t offset;
  field_kind kind;
  bool is_array;
  bool is_nullable;  // held as std::optional
  std::int16_t lowest_version;
  std::int16_t highest_version;
  const struct_description* element;              // of structs
  field_elements (*elements)(const void* field);  // of arrays and nullable structs
  bool is_tagged;                                 // left out when it has its default
};

struct struct_description {
  const char* name;
  std::size_t size_bytes;
  const field_description* fields;
  std::size_t field_count;
  const void* (*defaults)();  // a struct with all defaults, when a field is tagged
};

namespace detail {

template <class Array>
  requires requires(const Array& array) { array.data(); }
field_elements elements_of(const Array& field) {
  static constexpr char none = 0;
  return {field.empty() ? static_cast<const void*>(&none) : field.data(), field.size()};
}
template <class T>
field_elements elements_of(const std::optional<std::vector<T>>& field) {
  return field ? elements_of(*field) : field_elements{};
}
template <class T>
field_elements elements_of(const std::optional<T>& field) {
  return field ? field_elements{&*field, 1} : field_elements{};
}
template <class Field>
field_elements elements(const void* field) {
  return elements_of(*static_cast<const Field*>(field));
}

template <class T>
const void* defaults() {
  static const T value{};
  return &value;
}

}  // namespace detail
}  // namespace barnabas::protocol
