// Sizes, times and durations as people write and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace barnabas::app {

std::string bytes_text(std::int64_t bytes);           // "1.5 MiB"
std::string count_text(std::int64_t count);           // "1,234,567"
std::string duration_text(std::int64_t duration_ms);  // "2h 5m", "350 ms"
std::string time_text(std::int64_t time_ms);          // local: "2026-11-25 14:54:02.123"
std::string time_json(std::int64_t time_ms);          // "2026-11-25T14:54:02.123Z"

// "90", "64k", "1.5MiB": powers of 1024.
std::optional<std::int64_t> parse_bytes(std::string_view text);
// "500ms", "90s", "15m", "2h", "7d", also one after the other: "1h30m". Not negative.
std::optional<std::int64_t> parse_duration_ms(std::string_view text);
// Milliseconds since 1970, a date "2026-11-25", a time "2026-11-25T14:54[:02[.123]]" (local, or UTC
// with Z or +02:00 behind), or a duration before `now_ms`.
std::optional<std::int64_t> parse_time_ms(std::string_view text, std::int64_t now_ms);
// The whole text as a decimal number.
std::optional<std::int64_t> parse_number(std::string_view text);

}  // namespace barnabas::app
