#include "storage/checkpoint_file.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "base/ensure.h"

namespace barnabas::storage {
namespace {

constexpr std::string_view white_space = " \t\r\f\v";

std::unexpected<error> malformed(std::string_view path, std::size_t line, std::string_view what) {
  return fail(error_code::kafka_storage_error, fmt::format("{} line {}: {}", path, line, what));
}

// Takes lines off a text, counting them; a last line without line feed is a line too.
class line_reader {
 public:
  explicit line_reader(std::string_view text) : rest_(text) {}

  bool next(std::string_view& line) {
    if (rest_.empty()) {
      return false;
    }
    const auto end = rest_.find('\n');
    line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    ++number_;
    return true;
  }
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

// How many fields the line has; the first entry.fields.size() of them are stored.
std::size_t split(std::string_view line, checkpoint_entry& entry) {
  std::size_t count = 0;
  for (auto at = line.find_first_not_of(white_space); at != std::string_view::npos;) {
    const auto end = std::min(line.find_first_of(white_space, at), line.size());
    if (count < entry.fields.size()) {
      entry.fields[count] = line.substr(at, end - at);
    }
    ++count;
    at = line.find_first_not_of(white_space, end);
  }
  return count;
}

result<std::int64_t> head_number(line_reader& lines, std::string_view path, std::string_view what) {
  std::string_view line;
  if (!lines.next(line)) {
    return malformed(path, lines.number() + 1, fmt::format("the {} is missing", what));
  }
  checkpoint_entry entry;
  if (split(line, entry) != 1) {
    return malformed(path, lines.number(), fmt::format("'{}' is not a {}", line, what));
  }
  return checkpoint_number(entry.fields[0], path, lines.number(), 0,
                           std::numeric_limits<std::int32_t>::max());
}

}  // namespace

result<std::int64_t> checkpoint_number(std::string_view field, std::string_view path,
                                       std::size_t line, std::int64_t minimum,
                                       std::int64_t maximum) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (code != std::errc() || end != field.data() + field.size()) {
    return malformed(path, line, fmt::format("'{}' is not a whole number", field));
  }
  if (value < minimum || value > maximum) {
    return malformed(path, line,
                     fmt::format("{} is not between {} and {}", value, minimum, maximum));
  }
  return value;
}

result<std::vector<checkpoint_entry>> parse_checkpoint(std::string_view text, std::string_view path,
                                                       std::size_t field_count) {
  ensure(field_count <= checkpoint_entry().fields.size(), "too many fields asked of a checkpoint");
  line_reader lines(text);
  const auto version = head_number(lines, path, "version");
  if (!version) {
    return std::unexpected(version.error());
  }
  if (*version != 0) {
    return malformed(path, lines.number(),
                     fmt::format("version {} is unknown, expected 0", *version));
  }
  const auto count = head_number(lines, path, "number of entries");
  if (!count) {
    return std::unexpected(count.error());
  }
  std::vector<checkpoint_entry> entries;
  // An entry takes two bytes at least: the announced number alone allocates nothing.
  entries.reserve(std::min(static_cast<std::size_t>(*count), text.size() / 2));
  for (std::string_view line; lines.next(line);) {
    checkpoint_entry entry;
    entry.line = lines.number();
    if (const auto found = split(line, entry); found != field_count) {
      return malformed(path, lines.number(),
                       fmt::format("{} fields where {} belong: '{}'", found, field_count, line));
    }
    entries.push_back(entry);
  }
  if (entries.size() != static_cast<std::size_t>(*count)) {
    return malformed(path, 2,
                     fmt::format("announces {} entries, but there are {}", *count, entries.size()));
  }
  return entries;
}

std::string format_checkpoint(std::size_t count, std::string_view entries) {
  return fmt::format("0\n{}\n{}", count, entries);
}

}  // namespace barnabas::storage
