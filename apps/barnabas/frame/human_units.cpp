#include "frame/human_units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

namespace barnabas::app {
namespace {

constexpr std::array binary_units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

struct time_unit {
  std::string_view name;
  std::int64_t length_ms;
};
constexpr std::array time_units{time_unit{"ms", 1},         time_unit{"s", 1000},
                                time_unit{"m", 60'000},     time_unit{"h", 3'600'000},
                                time_unit{"d", 86'400'000}, time_unit{"w", 604'800'000}};

// Takes a number from the front; nothing when there is none.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) {
    return false;
  }
  text.remove_prefix(what.size());
  return true;
}

std::tm broken_down(std::int64_t time_ms, bool is_local) {
  const std::time_t seconds =
      static_cast<std::time_t>(time_ms >= 0 ? time_ms / 1000 : (time_ms - 999) / 1000);
  std::tm parts{};
  if (is_local) {
    ::localtime_r(&seconds, &parts);
  } else {
    ::gmtime_r(&seconds, &parts);
  }
  return parts;
}

std::string time_in(const std::tm& parts, char between, std::int64_t time_ms) {
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}.{:03}", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, between, parts.tm_hour, parts.tm_min,
                     parts.tm_sec, (time_ms % 1000 + 1000) % 1000);
}

// Exactly `digits` of them.
bool take_digits(std::string_view& text, std::size_t digits, int& to) {
  if (text.size() < digits) {
    return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, to);
  if (error != std::errc() || end != text.data() + digits) {
    return false;
  }
  text.remove_prefix(digits);
  return true;
}

// "14:54", "14:54:02", "14:54:02.123"
bool take_clock(std::string_view& text, std::tm& to, std::int64_t& ms) {
  if (!take_digits(text, 2, to.tm_hour) || !take(text, ":") || !take_digits(text, 2, to.tm_min)) {
    return false;
  }
  if (!take(text, ":")) {
    return true;
  }
  if (!take_digits(text, 2, to.tm_sec)) {
    return false;
  }
  int fraction = 0;
  if (take(text, ".")) {
    if (!take_digits(text, 3, fraction)) {
      return false;
    }
    ms = fraction;
  }
  return true;
}

// What stands behind a clock: nothing (local), Z, +02:00. The result is UTC.
std::optional<std::int64_t> in_zone(std::string_view text, std::tm parts) {
  if (text.empty()) {
    parts.tm_isdst = -1;
    return ::mktime(&parts) * std::int64_t{1000};
  }
  const std::int64_t as_utc = ::timegm(&parts) * std::int64_t{1000};
  if (text == "Z") {
    return as_utc;
  }
  const bool is_east = text.front() == '+';
  if (!is_east && text.front() != '-') {
    return std::nullopt;
  }
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take_digits(text, 2, hours) || (take(text, ":"), !take_digits(text, 2, minutes)) ||
      !text.empty()) {
    return std::nullopt;
  }
  const std::int64_t shift = (hours * 60 + minutes) * std::int64_t{60'000};
  return is_east ? as_utc - shift : as_utc + shift;
}

std::optional<std::int64_t> parse_date_ms(std::string_view text) {
  std::tm parts{};
  std::int64_t ms = 0;
  if (!take_digits(text, 4, parts.tm_year) || !take(text, "-") ||
      !take_digits(text, 2, parts.tm_mon) || !take(text, "-") ||
      !take_digits(text, 2, parts.tm_mday)) {
    return std::nullopt;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  if ((take(text, "T") || take(text, " ")) && !take_clock(text, parts, ms)) {
    return std::nullopt;
  }
  const auto seconds = in_zone(text, parts);
  return seconds ? std::optional(*seconds + ms) : std::nullopt;
}

}  // namespace

std::string bytes_text(std::int64_t bytes) {
  double size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::abs(size) >= 1024 && unit + 1 < binary_units.size()) {
    size /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes)
                   : fmt::format("{:.1f} {}", size, binary_units[unit]);
}

std::string count_text(std::int64_t count) {
  std::string text = std::to_string(count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string duration_text(std::int64_t duration_ms) {
  if (duration_ms < 1000) {
    return fmt::format("{} ms", duration_ms);
  }
  if (duration_ms < 60'000) {
    return fmt::format("{:.1f} s", static_cast<double>(duration_ms) / 1000);
  }
  const std::int64_t minutes = duration_ms / 60'000;
  if (minutes < 60) {
    return fmt::format("{}m {}s", minutes, duration_ms / 1000 % 60);
  }
  return minutes < 48 * 60 ? fmt::format("{}h {}m", minutes / 60, minutes % 60)
                           : fmt::format("{}d {}h", minutes / 1440, minutes / 60 % 24);
}

std::string time_text(std::int64_t time_ms) {
  return time_in(broken_down(time_ms, true), ' ', time_ms);
}

std::string time_json(std::int64_t time_ms) {
  return time_in(broken_down(time_ms, false), 'T', time_ms) + 'Z';
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  const auto number = take_number<std::int64_t>(text);
  return text.empty() ? number : std::nullopt;
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  const auto number = take_number<double>(text);
  if (!number || *number < 0) {
    return std::nullopt;
  }
  take(text, " ");
  if (text.empty() || text == "B") {
    return static_cast<std::int64_t>(*number);
  }
  const std::size_t unit = std::string_view("kmgtp").find(static_cast<char>(text.front() | 0x20));
  text.remove_prefix(1);
  const bool is_whole = text.empty() || text == "B" || text == "iB" || text == "i";
  const double bytes = *number * std::pow(1024.0, static_cast<double>(unit + 1));
  if (unit == std::string_view::npos || !is_whole || bytes > 9e18) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(bytes);
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
  double sum = 0;
  if (text.empty()) {
    return std::nullopt;
  }
  while (!text.empty()) {
    const auto number = take_number<double>(text);
    const std::string_view name = text.substr(0, text.find_first_of("0123456789. "));
    const auto unit = std::ranges::find(time_units, name, &time_unit::name);
    if (!number || *number < 0 || unit == time_units.end()) {
      return std::nullopt;
    }
    text.remove_prefix(name.size());
    take(text, " ");
    sum += *number * static_cast<double>(unit->length_ms);
  }
  return sum > 9e18 ? std::nullopt : std::optional(static_cast<std::int64_t>(sum));
}

std::optional<std::int64_t> parse_time_ms(std::string_view text, std::int64_t now_ms) {
  if (const auto number = parse_number(text)) {
    return number;
  }
  if (const auto ago = parse_duration_ms(text)) {
    return now_ms - *ago;
  }
  return parse_date_ms(text);
}

}  // namespace barnabas::app
