// Reads topics as a member of a group until nobody wants more, the process is interrupted or, if
// asked to, the group has nothing left to read here. What was used is committed, no record more.
#pragma once

#include <barnabas/consumer.h>

#include <string>
#include <vector>

#include "frame/failure.h"
#include "records/partition_reader.h"

namespace barnabas::app {

class group_reader {
 public:
  // The consumer outlives it and has a group.id.
  group_reader(kafka::consumer& reader, bool stops_at_end)
      : reader_(reader), stops_at_end_(stops_at_end) {}

  // As partition_reader::read().
  outcome<> read(const std::vector<std::string>& topics, const partition_reader::record_use& use,
                 const partition_reader::pause_use& pause);
  // Whether it stopped because it had read all.
  bool is_done() const { return is_done_; }

 private:
  outcome<> poll_all(const partition_reader::record_use& use,
                     const partition_reader::pause_use& pause);
  // False when nobody wants more. Records that were not used are given back.
  bool use_records(const kafka::records& records, const partition_reader::record_use& use);
  bool has_read_all() const;

  kafka::consumer& reader_;
  bool stops_at_end_;
  bool is_done_ = false;
};

}  // namespace barnabas::app
