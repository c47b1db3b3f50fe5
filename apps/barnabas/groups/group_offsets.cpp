#include "groups/group_offsets.h"

#include <fmt/format.h>

#include "frame/human_units.h"

namespace barnabas::app {
namespace {

outcome<std::vector<std::int32_t>> parse_numbers(const std::string& text, std::string_view list) {
  std::vector<std::int32_t> numbers;
  for (const std::string& one : CLI::detail::split(std::string(list), ',')) {
    const auto number = parse_number(one);
    if (!number || *number < 0) {
      return wrong_usage(fmt::format("{}: \"{}\" is no partition", text, one),
                         "As in letters for all, or letters:0,2.");
    }
    numbers.push_back(static_cast<std::int32_t>(*number));
  }
  return numbers;
}

}  // namespace

outcome<std::vector<kafka::topic_partition>> parse_partitions(
    kafka::admin& admin, const std::vector<std::string>& texts) {
  std::vector<kafka::topic_partition> all;
  std::vector<std::string> whole_topics;
  for (const std::string& text : texts) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
      whole_topics.push_back(text);
      continue;
    }
    const auto numbers = parse_numbers(text, std::string_view(text).substr(colon + 1));
    if (!numbers) {
      return std::unexpected(numbers.error());
    }
    for (const std::int32_t number : *numbers) {
      all.push_back({text.substr(0, colon), number});
    }
  }
  if (whole_topics.empty()) {
    return all;
  }
  const auto topics = admin.describe_topics(whole_topics);
  if (!topics) {
    return fail_with(topics.error());
  }
  for (const auto& [name, topic] : *topics) {
    if (!topic) {
      return fail_with(topic.error(), "topic " + name + ": ");
    }
    for (const kafka::partition_description& partition : topic->partitions) {
      all.push_back({name, partition.partition});
    }
  }
  return all;
}

outcome<offset_map> committed_by(kafka::admin& admin, const std::string& group) {
  const auto groups = admin.list_group_offsets({{group, {}}});
  if (!groups) {
    return fail_with(groups.error());
  }
  const auto& offsets = groups->at(group);
  if (!offsets) {
    return fail_with(offsets.error(), "group " + group + ": ");
  }
  offset_map committed;
  for (const auto& [partition, offset] : *offsets) {
    if (!offset) {
      return fail_with(offset.error(),
                       fmt::format("{}-{}: ", partition.topic, partition.partition));
    }
    if (offset->offset >= 0) {
      committed[partition] = offset->offset;
    }
  }
  return committed;
}

outcome<offset_map> offsets_at(kafka::admin& admin,
                               const std::vector<kafka::topic_partition>& partitions,
                               std::int64_t spec) {
  offset_map asked;
  for (const kafka::topic_partition& partition : partitions) {
    asked[partition] = spec;
  }
  if (asked.empty()) {
    return asked;
  }
  const auto found = admin.list_offsets(asked);
  if (!found) {
    return fail_with(found.error());
  }
  offset_map offsets;
  for (const auto& [partition, offset] : *found) {
    if (offset && offset->offset >= 0) {
      offsets[partition] = offset->offset;
    } else if (!offset && !is(offset.error(), error_code::unknown_topic_or_partition)) {
      return fail_with(offset.error(),
                       fmt::format("{}-{}: ", partition.topic, partition.partition));
    }
  }
  return offsets;
}

}  // namespace barnabas::app
