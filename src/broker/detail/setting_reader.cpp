#include "broker/detail/setting_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace barnabas::broker::detail {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::string setting_reader::text(const std::string& key, std::string_view otherwise) const {
  const auto it = values_.find(key);
  return std::string(it == values_.end() ? otherwise : trimmed(it->second));
}

void setting_reader::complain(const std::string& key, const std::string& what_is_allowed) {
  complaints_.push_back(fmt::format("{}={}: {}", key, text(key, ""), what_is_allowed));
}

std::string setting_reader::word(const std::string& key, std::string_view otherwise,
                                 std::span<const std::string_view> allowed) {
  std::string value = text(key, otherwise);
  if (std::ranges::find(allowed, value) == allowed.end()) {
    complain(key, fmt::format("allowed are {}", fmt::join(allowed, ", ")));
    return std::string(otherwise);
  }
  return value;
}

std::int64_t setting_reader::number(const std::string& key, std::int64_t otherwise, std::int64_t lowest,
                                    std::int64_t highest) {
  if (!has(key)) {
    return otherwise;
  }
  const std::string value = text(key, "");
  std::int64_t parsed = 0;
  const char* end = value.data() + value.size();
  const auto [stopped, problem] = std::from_chars(value.data() + (value.starts_with('+') ? 1 : 0), end, parsed);
  if (problem != std::errc() || stopped != end || parsed < lowest || parsed > highest) {
    complain(key, fmt::format("a whole number from {} to {} is allowed", lowest, highest));
    return otherwise;
  }
  return parsed;
}

bool setting_reader::boolean(const std::string& key, bool otherwise) {
  std::string value = text(key, otherwise ? "true" : "false");
  std::ranges::transform(value, value.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  if (value != "true" && value != "false") {
    complain(key, "true or false is allowed");
    return otherwise;
  }
  return value == "true";
}

std::vector<std::string> setting_reader::list(const std::string& key, std::string_view otherwise) const {
  const std::string all = text(key, otherwise);
  std::vector<std::string> parts;
  for (std::string_view rest = all; !rest.empty();) {
    const auto comma = rest.find(',');
    if (const auto part = trimmed(rest.substr(0, comma)); !part.empty()) {
      parts.emplace_back(part);
    }
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return parts;
}

}  // namespace barnabas::broker::detail
