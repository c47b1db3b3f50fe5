#include "broker/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace barnabas::broker {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}
bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

std::string_view without_leading_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  return text;
}

// Takes one natural line off the front of `text`; "\r\n" ends one line.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  if (text.starts_with("\r\n")) {
    text.remove_prefix(2);
  } else if (!text.empty() && is_line_end(text.front())) {
    text.remove_prefix(1);
  }
  return line;
}

// Whether the last backslash of the line stands alone, so that the next line belongs to it.
bool is_continued(std::string_view line) {
  const auto last_other = line.find_last_not_of('\\');
  const std::size_t backslashes =
      last_other == std::string_view::npos ? line.size() : line.size() - last_other - 1;
  return backslashes % 2 == 1;
}

void append_utf8(std::string& to, std::uint32_t code) {
  if (code < 0x80) {
    to.push_back(static_cast<char>(code));
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr std::array<std::uint32_t, 4> marks{0, 0xc0, 0xe0, 0xf0};
  to.push_back(static_cast<char>(marks[static_cast<std::size_t>(more)] | (code >> (6 * more))));
  for (int i = more - 1; i >= 0; --i) {
    to.push_back(static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3f)));
  }
}

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The four digits after "\u"; nothing when they are not there.
std::optional<std::uint32_t> hex_unit(std::string_view digits) {
  if (digits.size() < 4) {
    return std::nullopt;
  }
  std::uint32_t unit = 0;
  for (const char c : digits.substr(0, 4)) {
    if (!is_hex_digit(c)) {
      return std::nullopt;
    }
    unit = unit * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return unit;
}

// A character written as one \uXXXX, or as two that are a surrogate pair, at the front of `text`,
// which stands behind the first "\u". A lone surrogate becomes U+FFFD.
std::optional<std::uint32_t> take_unicode(std::string_view& text) {
  const auto unit = hex_unit(text);
  if (!unit) {
    return std::nullopt;
  }
  text.remove_prefix(4);
  if (*unit < 0xd800 || *unit > 0xdfff) {
    return unit;
  }
  if (*unit < 0xdc00 && text.starts_with("\\u")) {
    const auto low = hex_unit(text.substr(2));
    if (low && *low >= 0xdc00 && *low <= 0xdfff) {
      text.remove_prefix(6);
      return 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00);
    }
  }
  return 0xfffd;
}

// Nothing when a \u escape is broken.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    if (text.empty()) {  // a backslash that ends the file says nothing
      break;
    }
    const char escaped = text.front();
    text.remove_prefix(1);
    if (escaped == 'u') {
      const auto code = take_unicode(text);
      if (!code) {
        return std::nullopt;
      }
      append_utf8(out, *code);
      continue;
    }
    constexpr std::string_view names = "tnrf";
    constexpr std::string_view values = "\t\n\r\f";
    const auto known = names.find(escaped);
    out.push_back(known == std::string_view::npos ? escaped : values[known]);
  }
  return out;
}

result<property> parse_line(std::string_view line, int number) {
  std::size_t end = 0;  // of the key
  while (end < line.size() && !is_blank(line[end]) && line[end] != '=' && line[end] != ':') {
    end += line[end] == '\\' ? 2 : 1;
  }
  end = std::min(end, line.size());
  std::string_view value = without_leading_blanks(line.substr(end));
  if (!value.empty() && (value.front() == '=' || value.front() == ':')) {
    value = without_leading_blanks(value.substr(1));
  }
  auto key = unescaped(line.substr(0, end));
  auto text = unescaped(value);
  if (!key || !text) {
    return fail(error_code::invalid_config,
                fmt::format("line {}: \\u is not followed by four hex digits", number));
  }
  return property{std::move(*key), std::move(*text), number};
}

}  // namespace

result<std::vector<property>> parse_properties(std::string_view text) {
  std::vector<property> all;
  int number = 0;
  while (!text.empty()) {
    const int first_number = ++number;
    std::string line(without_leading_blanks(take_line(text)));
    if (line.empty() || line.front() == '#' || line.front() == '!') {
      continue;
    }
    while (is_continued(line)) {
      line.pop_back();
      if (text.empty()) {
        break;
      }
      line += without_leading_blanks(take_line(text));
      ++number;
    }
    auto parsed = parse_line(line, first_number);
    if (!parsed) {
      return std::unexpected(parsed.error());
    }
    all.push_back(std::move(*parsed));
  }
  return all;
}

result<property> parse_override(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(error_code::invalid_config, fmt::format("--override {}: not key=value", text));
  }
  return property{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)), 0};
}

}  // namespace barnabas::broker
