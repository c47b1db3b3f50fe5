#include "records/reading_range.h"

#include <fmt/format.h>

#include "frame/human_units.h"

namespace barnabas::app {
namespace {

constexpr auto patience = std::chrono::seconds(30);

using partition_bounds = std::map<kafka::topic_partition, kafka::log_bounds>;

// Times that no record is as new as give the end of the partition.
outcome<std::map<kafka::topic_partition, std::int64_t>> offsets_at(kafka::consumer& reader,
                                                                   const partition_bounds& bounds,
                                                                   std::int64_t time_ms) {
  std::map<kafka::topic_partition, std::int64_t> times;
  for (const auto& [partition, ends] : bounds) {
    times[partition] = time_ms;
  }
  auto offsets = reader.offsets_for_times(times, patience);
  if (!offsets) {
    return fail_with(offsets.error());
  }
  for (auto& [partition, offset] : *offsets) {
    offset = offset == kafka::log_end ? bounds.at(partition).end : offset;
  }
  return std::move(*offsets);
}

outcome<std::int64_t> begin_of(const kafka::topic_partition& partition,
                               const kafka::log_bounds& bounds, const place& begin) {
  switch (begin.what) {
    case place::kind::beginning:
      return bounds.begin;
    case place::kind::end:
      return bounds.end;
    case place::kind::before_end:
      return std::max(bounds.begin, bounds.end - begin.value);
    case place::kind::offset:
    case place::kind::time:
      break;
  }
  if (begin.value >= bounds.begin && begin.value <= bounds.end) {
    return begin.value;
  }
  return std::unexpected(failure{
      exit_code::failed,
      fmt::format("partition {} of {} has no offset {}: it begins at {} and ends at {}",
                  partition.partition, partition.topic, begin.value, bounds.begin, bounds.end),
      "-o beginning, -o end or -o -N begin wherever the partition does."});
}

}  // namespace

outcome<place> parse_place(std::string_view text, std::int64_t now_ms) {
  if (text == "beginning" || text == "earliest") {
    return place{place::kind::beginning};
  }
  if (text == "end" || text == "latest") {
    return place{place::kind::end};
  }
  if (text.starts_with("s@")) {
    if (const auto time = parse_time_ms(text.substr(2), now_ms)) {
      return place{place::kind::time, *time};
    }
  } else if (const auto number = parse_number(text)) {
    return *number < 0 ? place{place::kind::before_end, -*number}
                       : place{place::kind::offset, *number};
  }
  return wrong_usage(
      fmt::format("-o {}: no place in a partition", text),
      "There are beginning, end, an offset, -N (so many before the end) and s@TIME.");
}

outcome<reading_ranges> find_ranges(kafka::consumer& reader,
                                    const std::vector<kafka::topic_partition>& partitions,
                                    const reading_choice& choice) {
  const auto bounds = reader.bounds(partitions, patience);
  if (!bounds) {
    return fail_with(bounds.error());
  }
  std::map<kafka::topic_partition, std::int64_t> begins;
  if (choice.begin.what == place::kind::time) {
    const auto found = offsets_at(reader, *bounds, choice.begin.value);
    if (!found) {
      return std::unexpected(found.error());
    }
    begins = *found;
  }
  std::map<kafka::topic_partition, std::int64_t> ends;
  if (choice.until_ms) {
    const auto found = offsets_at(reader, *bounds, *choice.until_ms);
    if (!found) {
      return std::unexpected(found.error());
    }
    ends = *found;
  }
  reading_ranges ranges;
  for (const auto& [partition, ends_now] : *bounds) {
    const place begin =
        begins.empty() ? choice.begin : place{place::kind::offset, begins.at(partition)};
    const auto offset = begin_of(partition, ends_now, begin);
    if (!offset) {
      return std::unexpected(offset.error());
    }
    reading_range& range = ranges[partition];
    range.begin = *offset;
    if (choice.until_ms) {
      range.end = ends.at(partition);
    } else if (choice.stops_at_end) {
      range.end = ends_now.end;
    }
  }
  return ranges;
}

}  // namespace barnabas::app
