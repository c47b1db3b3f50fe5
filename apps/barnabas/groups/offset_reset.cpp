#include "groups/offset_reset.h"

#include <fmt/format.h>

#include <algorithm>

#include "frame/human_units.h"
#include "frame/outside_world.h"

namespace barnabas::app {
namespace {

std::vector<kafka::topic_partition> keys_of(const offset_map& offsets) {
  std::vector<kafka::topic_partition> keys;
  for (const auto& [partition, offset] : offsets) {
    keys.push_back(partition);
  }
  return keys;
}

offset_map all_at(const std::vector<kafka::topic_partition>& partitions, std::int64_t offset) {
  offset_map offsets;
  for (const kafka::topic_partition& partition : partitions) {
    offsets[partition] = offset;
  }
  return offsets;
}

outcome<offset_map> at_place(kafka::admin& admin, const std::string& text,
                             const std::vector<kafka::topic_partition>& partitions) {
  if (text == "beginning" || text == "earliest") {
    return offsets_at(admin, partitions, kafka::offset_spec::earliest);
  }
  if (text == "end" || text == "latest") {
    return offsets_at(admin, partitions, kafka::offset_spec::latest);
  }
  if (const auto offset = parse_number(text); offset && *offset >= 0) {
    return all_at(partitions, *offset);
  }
  const auto time = text.starts_with("s@")
                        ? parse_time_ms(std::string_view(text).substr(2), wall_clock_ms())
                        : std::nullopt;
  if (!time) {
    return wrong_usage(fmt::format("--to {}: no place in a partition", text),
                       "There are beginning, end, an offset, and s@TIME.");
  }
  auto found = offsets_at(admin, partitions, *time);
  const auto ends = offsets_at(admin, partitions, kafka::offset_spec::latest);
  if (!found || !ends) {
    return found ? ends : found;
  }
  found->insert(ends->begin(), ends->end());  // where no record is as new
  return found;
}

outcome<offset_map> shifted(const std::string& text,
                            const std::vector<kafka::topic_partition>& partitions,
                            const offset_map& committed) {
  const auto shift = parse_number(text.starts_with('+') ? std::string_view(text).substr(1)
                                                        : std::string_view(text));
  if (!shift) {
    return wrong_usage(fmt::format("--shift {}: this is no number", text), "As in -10 or +10.");
  }
  offset_map offsets;
  for (const kafka::topic_partition& partition : partitions) {
    if (const auto offset = offset_in(committed, partition)) {
      offsets[partition] = *offset + *shift;
    }
  }
  return offsets;
}

outcome<offset_map> of_file(const std::string& path) {
  const auto text = files().read_text(path);
  return text ? parse_offset_lines(*text, path) : fail_with(text.error());
}

outcome<offset_map> into_bounds(kafka::admin& admin, offset_map offsets) {
  const auto partitions = keys_of(offsets);
  const auto begins = offsets_at(admin, partitions, kafka::offset_spec::earliest);
  const auto ends = offsets_at(admin, partitions, kafka::offset_spec::latest);
  if (!begins || !ends) {
    return begins ? ends : begins;
  }
  for (auto& [partition, offset] : offsets) {
    const auto begin = offset_in(*begins, partition);
    const auto end = offset_in(*ends, partition);
    if (!begin || !end) {
      return not_found(fmt::format("{} has no partition {}", partition.topic, partition.partition));
    }
    offset = std::clamp(offset, *begin, *end);
  }
  return offsets;
}

}  // namespace

outcome<offset_map> parse_offset_lines(std::string_view text, std::string_view path) {
  offset_map offsets;
  int number = 0;
  for (const std::string& line : CLI::detail::split(std::string(text), '\n')) {
    ++number;
    const std::string trimmed = CLI::detail::trim_copy(line);
    if (trimmed.empty()) {
      continue;
    }
    const auto fields = CLI::detail::split(trimmed, ',');
    const auto partition = fields.size() == 3 ? parse_number(fields[1]) : std::nullopt;
    const auto offset = fields.size() == 3 ? parse_number(fields[2]) : std::nullopt;
    if (!partition || !offset || *partition < 0 || *offset < 0 || fields[0].empty()) {
      return wrong_usage(
          fmt::format("{}:{}: \"{}\" is not topic,partition,offset", path, number, trimmed));
    }
    offsets[{fields[0], static_cast<std::int32_t>(*partition)}] = *offset;
  }
  return offsets;
}

outcome<offset_map> new_offsets(kafka::admin& admin, const reset_choice& choice,
                                const std::vector<kafka::topic_partition>& partitions,
                                const offset_map& committed) {
  auto offsets = !choice.file.empty()    ? of_file(choice.file)
                 : !choice.shift.empty() ? shifted(choice.shift, partitions, committed)
                                         : at_place(admin, choice.to, partitions);
  return offsets ? into_bounds(admin, std::move(*offsets)) : offsets;
}

}  // namespace barnabas::app
