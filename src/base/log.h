// Log lines that a person can read:
//   2026-11-23 09:02:47.123 INFO  [storage] recovered log partition=orders-3 segments=2
//   truncated_bytes=117
// A line has a level, the room it comes from, a message that is the same each time, and fields.
// Thread-safe.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace barnabas {

enum class log_level : std::uint8_t { trace, debug, info, warn, error, off };

// A field of a line. The value is written at once; values with spaces or quotes are quoted in the
// line.
struct log_field {
  std::string_view key;
  std::string value;
};
template <class T>
log_field field(std::string_view key, const T& value) {
  return {key, fmt::format("{}", value)};
}

void log(log_level level, std::string_view room, std::string_view message,
         std::initializer_list<log_field> fields = {});

// Lines below this level are dropped; default info.
void set_log_level(log_level level);
log_level current_log_level();

// Where lines go: standard error always, and a file when `path` is not empty. Returns false when
// the file cannot be opened; lines then go on to standard error. reopen_log_file() follows a
// rotation (SIGHUP).
bool open_log_file(const std::string& path);
bool reopen_log_file();
// Tests silence standard error.
void set_log_to_stderr(bool on);

}  // namespace barnabas
