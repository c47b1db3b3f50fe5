// Reads ranges of partitions to their ends, or until nobody wants more. Counts what it gave.
#pragma once

#include <barnabas/consumer.h>

#include <functional>

#include "frame/failure.h"
#include "records/reading_range.h"

namespace barnabas::app {

class partition_reader {
 public:
  // The consumer outlives it, and reads what it is told here.
  partition_reader(kafka::consumer& reader, reading_ranges ranges);

  // Called with each record; false ends the reading.
  using record_use = std::function<bool(const kafka::record&)>;
  // Called after each poll, also one that brought nothing; false ends the reading.
  using pause_use = std::function<bool()>;
  // Returns when all ranges are read, a use said so, or the process is interrupted.
  outcome<> read(const record_use& use, const pause_use& pause);
  bool is_done() const { return left_ == 0; }

 private:
  outcome<> begin();
  bool use_records(const kafka::records& records, const record_use& use);
  // What has no more records below its end, but control records or nothing, is done, too.
  void look_at_positions();
  void done(reading_range& range);

  kafka::consumer& reader_;
  reading_ranges ranges_;
  std::size_t left_;  // ranges that are not done
};

}  // namespace barnabas::app
