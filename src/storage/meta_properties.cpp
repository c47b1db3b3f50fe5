#include "storage/meta_properties.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace barnabas::storage {
namespace {

constexpr std::int64_t limit_bytes = 1 << 20;
constexpr std::string_view blanks = " \t\f\r";

std::unexpected<error> malformed(std::string_view path, std::size_t line, std::string_view what) {
  return fail(error_code::kafka_storage_error, fmt::format("{} line {}: {}", path, line, what));
}

// Reads up to one of `ends`, or to the end, taking backslashes away; leaves the rest in `line`.
std::string take_escaped(std::string_view& line, std::string_view ends) {
  std::string word;
  std::size_t at = 0;
  for (; at < line.size() && ends.find(line[at]) == std::string_view::npos; ++at) {
    if (line[at] == '\\' && at + 1 < line.size()) {
      ++at;
    }
    word += line[at];
  }
  line.remove_prefix(at);
  return word;
}

void skip_blanks(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
}

std::pair<std::string, std::string> split_property(std::string_view line) {
  std::string key = take_escaped(line, "=: \t\f");
  skip_blanks(line);
  if (line.starts_with('=') || line.starts_with(':')) {
    line.remove_prefix(1);
    skip_blanks(line);
  }
  std::string value = take_escaped(line, "");
  while (!value.empty() && blanks.find(value.back()) != std::string_view::npos) {
    value.pop_back();
  }
  return {std::move(key), std::move(value)};
}

template <class T>
bool parse_number(std::string_view text, T& into) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), into);
  return code == std::errc() && end == text.data() + text.size() && into >= 0;
}

// "" or what is wrong with the value.
std::string set_property(meta_properties& properties, const std::string& key, std::string value) {
  if (key == "version") {
    if (!parse_number(value, properties.version) || properties.version > 1) {
      return fmt::format("version '{}' is unknown, expected 0 or 1", value);
    }
  } else if (key == "cluster.id") {
    if (value.empty()) {
      return "cluster.id is empty";
    }
    properties.cluster_id = std::move(value);
  } else if (key == "broker.id" || key == "node.id") {
    std::int32_t id = 0;
    if (!parse_number(value, id)) {
      return fmt::format("{} '{}' is not a number from 0 on", key, value);
    }
    if (properties.broker_id && *properties.broker_id != id) {
      return fmt::format("{} {} contradicts {}", key, id, *properties.broker_id);
    }
    properties.broker_id = id;
  } else if (key == "directory.id") {
    properties.directory_id = uuid::parse(value);
    if (!properties.directory_id) {
      return fmt::format("directory.id '{}' is not an id of 22 characters", value);
    }
  } else {
    properties.others[key] = std::move(value);
  }
  return {};
}

// Java reads these as separators, comments or escapes unless they have a backslash.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    if (std::string_view("\\=: #!").find(letter) != std::string_view::npos) {
      escaped += '\\';
    }
    escaped += letter;
  }
  return escaped;
}

}  // namespace

result<meta_properties> parse_meta_properties(std::string_view text, std::string_view path) {
  meta_properties properties;
  bool has_version = false;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    ++number;
    skip_blanks(line);
    if (line.empty() || line[0] == '#' || line[0] == '!') {
      continue;
    }
    auto [key, value] = split_property(line);
    has_version = has_version || key == "version";
    if (const auto wrong = set_property(properties, key, std::move(value)); !wrong.empty()) {
      return malformed(path, number, wrong);
    }
  }
  if (!has_version) {
    return malformed(path, number, "version is missing");
  }
  if (properties.version == 1 && (!properties.cluster_id || !properties.broker_id)) {
    return malformed(path, number,
                     properties.cluster_id ? "node.id is missing" : "cluster.id is missing");
  }
  return properties;
}

std::string format_meta_properties(const meta_properties& properties) {
  std::string text = fmt::format("version={}\n", properties.version);
  if (properties.broker_id) {
    text += fmt::format("{}={}\n", properties.version == 0 ? "broker.id" : "node.id",
                        *properties.broker_id);
  }
  if (properties.cluster_id) {
    text += fmt::format("cluster.id={}\n", escape(*properties.cluster_id));
  }
  if (properties.directory_id) {
    text += fmt::format("directory.id={}\n", properties.directory_id->to_string());
  }
  for (const auto& [key, value] : properties.others) {
    text += fmt::format("{}={}\n", escape(key), escape(value));
  }
  return text;
}

result<std::optional<meta_properties>> read_meta_properties(runtime::file_system& files,
                                                            const std::string& folder) {
  const std::string path = folder + '/' + std::string(meta_properties_name);
  if (!files.exists(path)) {
    return std::optional<meta_properties>();
  }
  const auto text = files.read_text(path, limit_bytes);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto properties = parse_meta_properties(*text, path);
  if (!properties) {
    return std::unexpected(properties.error());
  }
  return std::optional<meta_properties>(std::move(*properties));
}

result<> write_meta_properties(runtime::file_system& files, const std::string& folder,
                               const meta_properties& properties) {
  return files.replace_text(folder + '/' + std::string(meta_properties_name),
                            format_meta_properties(properties));
}

}  // namespace barnabas::storage
