#include "records/record_format.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/endian.h"
#include "frame/json_text.h"
#include "protocol/json.h"

namespace barnabas::app {
namespace {

constexpr std::string_view letters = "sSRkKThtpo";

void append_number(std::string& to, std::int64_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  to.append(digits.data(), end.ptr);
}

std::int64_t size_of(const std::optional<std::string_view>& bytes) {
  return bytes ? static_cast<std::int64_t>(bytes->size()) : -1;
}

// Takes what stands behind a backslash from the front.
outcome<char> take_escape(std::string_view& text) {
  const char letter = text.empty() ? '\0' : text.front();
  text.remove_prefix(text.empty() ? 0 : 1);
  switch (letter) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '0':
      return '\0';
    case '\\':
      return '\\';
    case 'x': {
      int value = 0;
      const char* const begin = text.data();
      const auto [end, error] =
          std::from_chars(begin, begin + std::min<std::size_t>(2, text.size()), value, 16);
      if (error == std::errc() && value >= 0) {
        text.remove_prefix(static_cast<std::size_t>(end - begin));
        return static_cast<char>(value);
      }
      return wrong_usage("\\x is followed by one or two hexadecimal digits");
    }
    default:
      return wrong_usage(fmt::format("\\{} is no escape", letter),
                         "There are \\n \\r \\t \\0 \\\\ \\xHH.");
  }
}

}  // namespace

outcome<std::string> unescaped(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\') {
      bytes += c;
      continue;
    }
    const auto escaped = take_escape(text);
    if (!escaped) {
      return std::unexpected(escaped.error());
    }
    bytes += *escaped;
  }
  return bytes;
}

outcome<record_format> record_format::parse(std::string_view text, bool shows_null) {
  record_format format;
  format.shows_null_ = shows_null;
  const auto add_text = [&](char c) {
    if (format.pieces_.empty() || format.pieces_.back().what != 0) {
      format.pieces_.push_back({});
    }
    format.pieces_.back().text += c;
  };
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '\\') {
      const auto escaped = take_escape(text);
      if (!escaped) {
        return std::unexpected(escaped.error());
      }
      add_text(*escaped);
    } else if (c != '%') {
      add_text(c);
    } else if (!text.empty() && (text.front() == '%' || letters.contains(text.front()))) {
      text.front() == '%' ? add_text('%') : format.pieces_.push_back({text.front(), {}});
      text.remove_prefix(1);
    } else {
      return wrong_usage(fmt::format("%{} is nothing of a record", text.substr(0, 1)),
                         "There are %s %S %R %k %K %T %h %t %p %o and %%.");
    }
  }
  return format;
}

void record_format::append_bytes(std::string& to,
                                 const std::optional<std::string_view>& bytes) const {
  if (bytes) {
    to += *bytes;
  } else if (shows_null_) {
    to += "NULL";
  }
}

void record_format::append_headers(std::string& to, const kafka::record& record) const {
  bool is_first = true;
  for (const kafka::header& header : record.headers) {
    to.append(is_first ? "" : ",").append(header.key).append("=");
    append_bytes(to, header.value);
    is_first = false;
  }
}

void record_format::append_piece(std::string& to, char what, const kafka::record& record) const {
  switch (what) {
    case 's':
      return append_bytes(to, record.value);
    case 'S':
      return append_number(to, size_of(record.value));
    case 'R': {
      std::array<std::byte, 4> length;
      store_big_endian(length.data(), static_cast<std::int32_t>(size_of(record.value)));
      to += as_text(length);
      return;
    }
    case 'k':
      return append_bytes(to, record.key);
    case 'K':
      return append_number(to, size_of(record.key));
    case 'T':
      return append_number(to, record.timestamp_ms);
    case 'h':
      return append_headers(to, record);
    case 't':
      to += record.topic;
      return;
    case 'p':
      return append_number(to, record.partition);
    case 'o':
      return append_number(to, record.offset);
    default:
      return;
  }
}

void record_format::append(std::string& to, const kafka::record& record) const {
  for (const piece& piece : pieces_) {
    if (piece.what == 0) {
      to += piece.text;
    } else {
      append_piece(to, piece.what, record);
    }
  }
}

void append_record_json(std::string& to, const kafka::record& record) {
  to += "{\"topic\":";
  protocol::append_json_string(to, record.topic);
  to += ",\"partition\":";
  append_number(to, record.partition);
  to += ",\"offset\":";
  append_number(to, record.offset);
  to += ",\"timestamp\":";
  append_number(to, record.timestamp_ms);
  to += ',';
  append_bytes_member(to, "key", record.key);
  to += ',';
  append_bytes_member(to, "value", record.value);
  to += ",\"headers\":[";
  bool is_first = true;
  for (const kafka::header& header : record.headers) {
    to += is_first ? "{\"key\":" : ",{\"key\":";
    to += json_of(header.key);
    to += ',';
    append_bytes_member(to, "value", header.value);
    to += '}';
    is_first = false;
  }
  to += "]}\n";
}

}  // namespace barnabas::app
