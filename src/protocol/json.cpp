#include "protocol/json.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <string_view>

#include "base/uuid.h"
#include "protocol/records.h"

namespace barnabas::protocol {
namespace {

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// As Java prints a double: always with a fraction, an exponent outside of 1e-3 to 1e7.
void print_double(std::string& to, double value) {
  if (!std::isfinite(value)) {
    to += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return;
  }
  const double size = std::fabs(value);
  if (size == 0 || (size >= 1e-3 && size < 1e7)) {
    const std::string text = fmt::format("{}", value);
    to += text.find('.') == std::string::npos ? text + ".0" : text;
    return;
  }
  // The shortest digits that read back the same.
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific);
  const std::string_view text(buffer.data(), end.ptr);
  const std::size_t e = text.find('e');
  const std::string_view mantissa = text.substr(0, e);
  to.append(mantissa).append(mantissa.find('.') == std::string_view::npos ? ".0E" : "E");
  to += std::to_string(std::stoi(std::string(text.substr(e + 1))));
}

template <class T>
const T& as(const void* at) {
  return *static_cast<const T*>(at);
}

template <class T>
const T* value_of(const field_description& field, const void* at, bool is_element) {
  if (field.is_nullable && !is_element) {
    const auto& optional = as<std::optional<T>>(at);
    return optional ? &*optional : nullptr;
  }
  return &as<T>(at);
}

void print_text(std::string& to, const field_description& field, const void* at, bool is_element) {
  if (const auto* text = value_of<std::string_view>(field, at, is_element)) {
    append_json_string(to, *text);
  } else {
    to += "null";
  }
}

void print_bytes(std::string& to, const field_description& field, const void* at, bool is_element) {
  const auto* bytes = value_of<bytes_view>(field, at, is_element);
  if (bytes == nullptr) {
    to += "null";
    return;
  }
  to += '"';
  append_base64(to, *bytes);
  to += '"';
}

// One value that is neither an array nor a struct; `is_element` of an array, where nothing is
// optional.
void print_scalar(std::string& to, const field_description& field, const void* at,
                  bool is_element) {
  switch (field.kind) {
    case field_kind::boolean:
      to += as<bool>(at) ? "true" : "false";
      break;
    case field_kind::int8:
      to += std::to_string(as<std::int8_t>(at));
      break;
    case field_kind::int16:
      to += std::to_string(as<std::int16_t>(at));
      break;
    case field_kind::uint16:
      to += std::to_string(as<std::uint16_t>(at));
      break;
    case field_kind::int32:
      to += std::to_string(as<std::int32_t>(at));
      break;
    case field_kind::uint32:
      to += std::to_string(as<std::uint32_t>(at));
      break;
    case field_kind::int64:
      to += std::to_string(as<std::int64_t>(at));
      break;
    case field_kind::float64:
      print_double(to, as<double>(at));
      break;
    case field_kind::uuid:
      append_json_string(to, as<uuid>(at).to_string());
      break;
    case field_kind::string:
      print_text(to, field, at, is_element);
      break;
    case field_kind::bytes:
      print_bytes(to, field, at, is_element);
      break;
    case field_kind::records:
      to += as<records>(at).is_null() ? "null" : "\"\"";
      break;
    case field_kind::structure:
      break;
  }
}

std::size_t element_size(const field_description& field) {
  switch (field.kind) {
    case field_kind::boolean:
    case field_kind::int8:
      return 1;
    case field_kind::int16:
    case field_kind::uint16:
      return 2;
    case field_kind::int32:
    case field_kind::uint32:
      return 4;
    case field_kind::int64:
    case field_kind::float64:
      return 8;
    case field_kind::uuid:
      return sizeof(uuid);
    case field_kind::string:
      return sizeof(std::string_view);
    case field_kind::bytes:
      return sizeof(bytes_view);
    case field_kind::records:
      return sizeof(records);
    case field_kind::structure:
      return field.element->size_bytes;
  }
  return 0;
}

void print_struct(std::string& to, const struct_description& description, const void* structure,
                  std::int16_t version);

void print_field(std::string& to, const field_description& field, const void* at,
                 std::int16_t version) {
  const field_elements elements =
      field.elements != nullptr ? field.elements(at) : field_elements{at, 1};
  if (elements.first == nullptr) {
    to += "null";
    return;
  }
  to += field.is_array ? "[" : "";
  const char* element = static_cast<const char*>(elements.first);
  for (std::size_t i = 0; i < elements.count; ++i, element += element_size(field)) {
    to += i > 0 ? "," : "";
    if (field.kind == field_kind::structure) {
      print_struct(to, *field.element, element, version);
    } else {
      print_scalar(to, field, element, field.is_array);
    }
  }
  to += field.is_array ? "]" : "";
}

void print_struct(std::string& to, const struct_description& description, const void* structure,
                  std::int16_t version) {
  to += '{';
  bool is_first = true;
  for (std::size_t i = 0; i < description.field_count; ++i) {
    const field_description& field = description.fields[i];
    if (version < field.lowest_version || version > field.highest_version) {
      continue;
    }
    std::string value;
    print_field(value, field, static_cast<const char*>(structure) + field.offset, version);
    if (field.is_tagged) {
      std::string without;
      print_field(without, field, static_cast<const char*>(description.defaults()) + field.offset,
                  version);
      if (value == without) {
        continue;
      }
    }
    to += is_first ? "\"" : ",\"";
    to.append(field.name).append("\":").append(value);
    is_first = false;
  }
  to += '}';
}

}  // namespace

void append_base64(std::string& to, bytes_view bytes) {
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const std::byte byte : bytes) {
    bits = bits << 8 | std::to_integer<std::uint32_t>(byte);
    bit_count += 8;
    while (bit_count >= 6) {
      bit_count -= 6;
      to += base64_digits[bits >> bit_count & 63];
    }
  }
  if (bit_count > 0) {
    to += base64_digits[bits << (6 - bit_count) & 63];
    to.append(bit_count == 2 ? 2 : 1, '=');
  }
}

void append_json_string(std::string& to, std::string_view text) {
  to += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        to += "\\\"";
        break;
      case '\\':
        to += "\\\\";
        break;
      case '\n':
        to += "\\n";
        break;
      case '\r':
        to += "\\r";
        break;
      case '\t':
        to += "\\t";
        break;
      case '\b':
        to += "\\b";
        break;
      case '\f':
        to += "\\f";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          fmt::format_to(std::back_inserter(to), "\\u{:04X}", c);
        } else {
          to += c;
        }
    }
  }
  to += '"';
}

std::string to_json(const struct_description& description, const void* structure,
                    std::int16_t version) {
  std::string text;
  print_struct(text, description, structure, version);
  return text;
}

}  // namespace barnabas::protocol
