#include "storage/partition_metadata.h"

#include <fmt/format.h>

#include <array>

namespace barnabas::storage {
namespace {

constexpr std::int64_t limit_bytes = 64 << 10;

// The value of "key: value"; nothing when the line is another.
std::optional<std::string_view> value_of(std::string_view line, std::string_view key) {
  if (!line.starts_with(key) || !line.substr(key.size()).starts_with(':')) {
    return std::nullopt;
  }
  line.remove_prefix(key.size() + 1);
  const auto first = line.find_first_not_of(" \t");
  const auto last = line.find_last_not_of(" \t\r");
  return first == std::string_view::npos ? std::string_view()
                                         : line.substr(first, last - first + 1);
}

}  // namespace

result<uuid> parse_partition_metadata(std::string_view text, std::string_view path) {
  const auto malformed = [path](int line, std::string_view what, std::string_view value) {
    return fail(error_code::kafka_storage_error,
                fmt::format("{} line {}: {}: '{}'", path, line, what, value));
  };
  std::array<std::string_view, 2> lines;
  for (auto& line : lines) {
    const auto end = text.find('\n');
    line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  const auto version = value_of(lines[0], "version");
  if (!version || *version != "0") {
    return malformed(1, "expected version: 0", lines[0]);
  }
  const auto id_text = value_of(lines[1], "topic_id");
  const auto id = id_text ? uuid::parse(*id_text) : std::nullopt;
  if (!id || id->is_zero()) {
    return malformed(2, "expected topic_id: and an id", lines[1]);
  }
  if (!text.empty()) {
    return malformed(3, "unexpected text", text.substr(0, 40));
  }
  return *id;
}

std::string format_partition_metadata(const uuid& topic_id) {
  return fmt::format("version: 0\ntopic_id: {}\n", topic_id.to_string());
}

std::string partition_metadata_path(const std::string& folder) {
  return folder + "/partition.metadata";
}

result<std::optional<uuid>> read_partition_metadata(runtime::file_system& files,
                                                    const std::string& folder) {
  const std::string path = partition_metadata_path(folder);
  if (!files.exists(path)) {
    return std::optional<uuid>();
  }
  const auto text = files.read_text(path, limit_bytes);
  if (!text) {
    return std::unexpected(text.error());
  }
  const auto id = parse_partition_metadata(*text, path);
  if (!id) {
    return std::unexpected(id.error());
  }
  return std::optional<uuid>(*id);
}

result<> write_partition_metadata(runtime::file_system& files, const std::string& folder,
                                  const uuid& topic_id) {
  return files.replace_text(partition_metadata_path(folder), format_partition_metadata(topic_id));
}

}  // namespace barnabas::storage
