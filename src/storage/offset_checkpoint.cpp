#include "storage/offset_checkpoint.h"

#include <fmt/format.h>

#include <iterator>
#include <limits>

#include "storage/checkpoint_file.h"

namespace barnabas::storage {

result<offset_table> parse_offsets(std::string_view text, std::string_view path) {
  const auto entries = parse_checkpoint(text, path, 3);
  if (!entries) {
    return std::unexpected(entries.error());
  }
  offset_table table;
  table.reserve(entries->size());
  for (const auto& entry : *entries) {
    const auto partition = checkpoint_number(entry.fields[1], path, entry.line, 0,
                                             std::numeric_limits<std::int32_t>::max());
    if (!partition) {
      return std::unexpected(partition.error());
    }
    const auto offset = checkpoint_number(entry.fields[2], path, entry.line, 0,
                                          std::numeric_limits<std::int64_t>::max());
    if (!offset) {
      return std::unexpected(offset.error());
    }
    // Of two entries for one partition the last counts, as in Kafka.
    table[{std::string(entry.fields[0]), static_cast<std::int32_t>(*partition)}] = *offset;
  }
  return table;
}

result<offset_table> read_offsets(runtime::file_system& files, const std::string& path) {
  if (!files.exists(path)) {
    return offset_table();
  }
  const auto text = files.read_text(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  return parse_offsets(*text, path);
}

void offset_lines::add(const topic_partition& partition, std::int64_t offset) {
  fmt::format_to(std::back_inserter(text), "{} {} {}\n", partition.topic, partition.partition,
                 offset);
  ++count;
}

void offset_lines::append(const offset_lines& other) {
  text += other.text;
  count += other.count;
}

result<> write_offsets(runtime::file_system& files, const std::string& path,
                       const offset_lines& lines) {
  return files.replace_text(path, format_checkpoint(lines.count, lines.text));
}

}  // namespace barnabas::storage
