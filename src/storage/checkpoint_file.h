// The text tables that Kafka keeps beside its logs, as values: offset checkpoints, the leader-epoch
// checkpoint, the cleaner's. Pure functions on text; files are read and replaced by those who own
// them.
//
//   file    = version LF count LF *( entry LF )
//   version = "0"
//   count   = the number of entries in decimal
//   entry   = fields separated by white space
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace barnabas::storage {

// One entry; its fields are views into the text that was parsed.
struct checkpoint_entry {
  std::array<std::string_view, 3> fields;
  std::size_t line = 0;  // in the file, from 1
};

// Entries of exactly `field_count` (at most 3) fields. The error is KAFKA_STORAGE_ERROR and names
// `path` and the line. As in Kafka the count must agree with the entries and nothing may follow
// them.
result<std::vector<checkpoint_entry>> parse_checkpoint(std::string_view text, std::string_view path,
                                                       std::size_t field_count);

// A whole decimal number between minimum and maximum; errors as above.
result<std::int64_t> checkpoint_number(std::string_view field, std::string_view path,
                                       std::size_t line, std::int64_t minimum,
                                       std::int64_t maximum);

// The text of a file with `count` entries; `entries` holds them, each ended by a line feed.
std::string format_checkpoint(std::size_t count, std::string_view entries);

}  // namespace barnabas::storage
