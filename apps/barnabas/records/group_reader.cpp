#include "records/group_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "frame/interruption.h"

namespace barnabas::app {
namespace {

// Short, so that Ctrl-C is noticed.
constexpr auto poll_time = std::chrono::milliseconds(100);
constexpr auto leaving_time = std::chrono::seconds(10);
constexpr auto finding_time = std::chrono::seconds(30);

// Instead of the end of a partition that is read to it, and of one that is read for ever.
constexpr std::int64_t nothing_more = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t no_end = std::numeric_limits<std::int64_t>::max();

}  // namespace

kafka::consumer_options group_reader::options() {
  return {.on_assigned = [this](kafka::consumer& reader,
                                const auto& partitions) { assigned(reader, partitions); },
          .on_revoked = [this](kafka::consumer&, const auto& partitions) { given_up(partitions); }};
}

void group_reader::assigned(kafka::consumer& reader,
                            const std::vector<kafka::topic_partition>& partitions) {
  for (const kafka::topic_partition& each : partitions) {
    ends_[each] = no_end;
  }
  if (ends_.empty() && !std::exchange(has_told_, true)) {
    fmt::print(stderr,
               "Waiting for partitions: other members of the group have all, or there are none.\n");
  }
  if (!stops_at_end_ || partitions.empty()) {
    return;
  }
  const auto bounds = reader.bounds(partitions, finding_time);
  if (!bounds) {
    trouble_ = bounds.error();
    return;
  }
  for (const auto& [partition, found] : *bounds) {
    ends_[partition] = found.end;
  }
}

void group_reader::given_up(const std::vector<kafka::topic_partition>& partitions) {
  for (const kafka::topic_partition& each : partitions) {
    ends_.erase(each);
  }
}

bool group_reader::has_read_all() const {
  return !ends_.empty() &&
         std::ranges::all_of(ends_, [](const auto& each) { return each.second == nothing_more; });
}

// The group goes on at `position`. A failure means that the partition was taken away and has
// another reader.
void group_reader::done(kafka::consumer& reader, const kafka::topic_partition& partition,
                        std::int64_t position) {
  ends_[partition] = nothing_more;
  if (reader.pause({partition})) {
    static_cast<void>(reader.seek(partition, position));
  }
}

// Records of one poll are of one partition.
bool group_reader::use_records(kafka::consumer& reader, const kafka::records& records,
                               const partition_reader::record_use& use) {
  if (records.empty()) {
    return true;
  }
  const kafka::record& first = *records.begin();
  const kafka::topic_partition partition{std::string(first.topic), first.partition};
  const std::int64_t end = ends_[partition];
  for (const kafka::record& record : records) {
    if (record.offset >= end) {
      done(reader, partition, record.offset);
      return true;
    }
    if (!use(record)) {
      done(reader, partition, record.offset + 1);
      return false;
    }
  }
  if (const std::int64_t next = (records.end() - 1)->offset + 1; next >= end) {
    done(reader, partition, next);
  }
  return true;
}

void group_reader::look_at_positions(kafka::consumer& reader) {
  for (const auto& [partition, end] : ends_) {
    if (end == no_end || end == nothing_more) {
      continue;
    }
    const auto position = reader.position(partition);
    if (position && *position >= end) {
      done(reader, partition, *position);
    }
  }
}

outcome<> group_reader::poll_all(kafka::consumer& reader, const partition_reader::record_use& use,
                                 const partition_reader::pause_use& pause) {
  while (!is_interrupted()) {
    const auto records = reader.poll(poll_time);
    if (!records) {
      return fail_with(records.error());
    }
    if (!use_records(reader, *records, use) || !pause()) {
      return {};
    }
    if (trouble_) {
      return fail_with(*trouble_);
    }
    if (records->empty()) {
      look_at_positions(reader);
    }
    if (stops_at_end_ && has_read_all()) {
      is_done_ = true;
      return {};
    }
  }
  return {};
}

outcome<> group_reader::read(kafka::consumer& reader, const std::vector<std::string>& topics,
                             const partition_reader::record_use& use,
                             const partition_reader::pause_use& pause) {
  if (const auto subscribed = reader.subscribe(topics); !subscribed) {
    return fail_with(subscribed.error());
  }
  const outcome<> read = poll_all(reader, use, pause);
  const auto left = reader.close(leaving_time);
  return read && !left ? fail_with(left.error(), "leaving the group: ") : read;
}

}  // namespace barnabas::app
