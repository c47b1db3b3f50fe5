// What the headers of generated messages share. A message is a plain struct for all versions of it,
// with the schema's defaults, valid as long as the buffer its views point into. Each has
//   bool read(reader&, version)            false after an error (reader::error_text); read into a
//   fresh struct bool write(writer&, version)           false when a field has a value that this
//   version cannot carry std::size_t encoded_size(version)      exact, external records included
//   std::size_t external_size()            bytes of external records, where the message has records
// Versions are those between lowest_version and highest_version; the caller has checked that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error_code.h"
#include "base/uuid.h"
#include "protocol/records.h"

namespace barnabas::protocol {

class reader;
class writer;
struct struct_description;

// first_flexible_version of a message without tagged fields and compact lengths.
constexpr std::int16_t never_flexible = std::numeric_limits<std::int16_t>::max();

// For comparing structs with their defaults.
inline bool operator==(bytes_view left, bytes_view right) {
  return as_text(left) == as_text(right);
}

}  // namespace barnabas::protocol
