#include "records/group_reader.h"

#include <algorithm>

#include "frame/interruption.h"

namespace barnabas::app {
namespace {

// Short, so that Ctrl-C is noticed.
constexpr auto poll_time = std::chrono::milliseconds(100);
constexpr auto leaving_time = std::chrono::seconds(10);

}  // namespace

bool group_reader::use_records(const kafka::records& records,
                               const partition_reader::record_use& use) {
  for (const kafka::record& record : records) {
    if (use(record)) {
      continue;
    }
    // The group goes on behind the last record that was used.
    const auto sought =
        reader_.seek({std::string(record.topic), record.partition}, record.offset + 1);
    static_cast<void>(sought);  // a partition that was taken away has another reader
    return false;
  }
  return true;
}

bool group_reader::has_read_all() const {
  const auto partitions = reader_.assignment();
  return !partitions.empty() && std::ranges::all_of(partitions, [&](const auto& partition) {
    const auto lag = reader_.lag(partition);
    return lag && *lag == 0;
  });
}

outcome<> group_reader::poll_all(const partition_reader::record_use& use,
                                 const partition_reader::pause_use& pause) {
  while (!is_interrupted()) {
    const auto records = reader_.poll(poll_time);
    if (!records) {
      return fail_with(records.error());
    }
    if (!use_records(*records, use) || !pause()) {
      return {};
    }
    if (stops_at_end_ && records->empty() && has_read_all()) {
      is_done_ = true;
      return {};
    }
  }
  return {};
}

outcome<> group_reader::read(const std::vector<std::string>& topics,
                             const partition_reader::record_use& use,
                             const partition_reader::pause_use& pause) {
  if (const auto subscribed = reader_.subscribe(topics); !subscribed) {
    return fail_with(subscribed.error());
  }
  const outcome<> read = poll_all(use, pause);
  const auto left = reader_.close(leaving_time);
  return read && !left ? fail_with(left.error(), "leaving the group: ") : read;
}

}  // namespace barnabas::app
