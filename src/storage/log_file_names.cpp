#include "storage/log_file_names.h"

#include <fmt/format.h>

#include <charconv>

namespace barnabas::storage {

namespace {
constexpr std::size_t offset_digits = 20;
}

std::string log_file_path(std::string_view folder, std::int64_t offset, std::string_view suffix) {
  return fmt::format("{}/{:020}{}", folder, offset, suffix);
}

std::optional<log_file_name> parse_log_file_name(std::string_view name) {
  if (name.size() <= offset_digits || name[offset_digits] != '.') {
    return std::nullopt;
  }
  log_file_name parsed;
  const char* const end = name.data() + offset_digits;
  const auto [stop, failure] = std::from_chars(name.data(), end, parsed.offset);
  if (failure != std::errc() || stop != end || parsed.offset < 0 || name[0] == '-') {
    return std::nullopt;
  }
  parsed.suffix = name.substr(offset_digits);
  return parsed;
}

}  // namespace barnabas::storage
