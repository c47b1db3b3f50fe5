#include "records/partition_reader.h"

#include <limits>

#include "frame/interruption.h"

namespace barnabas::app {
namespace {

// Short, so that Ctrl-C is noticed.
constexpr auto poll_time = std::chrono::milliseconds(100);
// Instead of the end of a range that is done.
constexpr std::int64_t nothing_more = std::numeric_limits<std::int64_t>::min();

}  // namespace

partition_reader::partition_reader(kafka::consumer& reader, reading_ranges ranges)
    : reader_(reader), ranges_(std::move(ranges)), left_(ranges_.size()) {}

void partition_reader::done(reading_range& range) {
  if (range.end != nothing_more) {
    range.end = nothing_more;
    --left_;
  }
}

outcome<> partition_reader::begin() {
  std::vector<kafka::topic_partition> wanted;
  for (auto& [partition, range] : ranges_) {
    if (range.end && *range.end <= range.begin) {
      done(range);
    } else {
      wanted.push_back(partition);
    }
  }
  reader_.assign(wanted);
  for (const kafka::topic_partition& partition : wanted) {
    if (const auto sought = reader_.seek(partition, ranges_.at(partition).begin); !sought) {
      return fail_with(sought.error());
    }
  }
  return {};
}

// Records of one poll are of one partition.
bool partition_reader::use_records(const kafka::records& records, const record_use& use) {
  if (records.empty()) {
    return true;
  }
  const kafka::record& first = *records.begin();
  reading_range& range = ranges_.at({std::string(first.topic), first.partition});
  const std::int64_t end = range.end.value_or(std::numeric_limits<std::int64_t>::max());
  for (const kafka::record& record : records) {
    if (record.offset >= end) {
      done(range);
      return true;
    }
    if (!use(record)) {
      return false;
    }
  }
  if (end != nothing_more && (records.end() - 1)->offset + 1 >= end) {
    done(range);
  }
  return true;
}

void partition_reader::look_at_positions() {
  for (auto& [partition, range] : ranges_) {
    if (!range.end || range.end == nothing_more) {
      continue;
    }
    const auto position = reader_.position(partition);
    if (position && *position >= *range.end) {
      done(range);
    }
  }
}

outcome<> partition_reader::read(const record_use& use, const pause_use& pause) {
  if (auto begun = begin(); !begun) {
    return begun;
  }
  while (!is_done() && !is_interrupted()) {
    const auto records = reader_.poll(poll_time);
    if (!records) {
      return fail_with(records.error());
    }
    if (!use_records(*records, use) || !pause()) {
      break;
    }
    if (records->empty()) {
      look_at_positions();
    }
  }
  return {};
}

}  // namespace barnabas::app
