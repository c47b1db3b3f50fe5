// Reads topics as a member of a group until nobody wants more, the process is interrupted or, if
// asked to, all is read that the member was assigned: each partition up to where it ended when the
// group gave it to this member. A member without partitions waits for some. What was used is
// committed, no record more.
#pragma once

#include <barnabas/consumer.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "frame/failure.h"
#include "records/partition_reader.h"

namespace barnabas::app {

class group_reader {
 public:
  explicit group_reader(bool stops_at_end) : stops_at_end_(stops_at_end) {}
  group_reader(const group_reader&) = delete;
  group_reader& operator=(const group_reader&) = delete;

  // For the consumer that reads, which this outlives.
  kafka::consumer_options options();
  // As partition_reader::read(). The consumer has a group.id.
  outcome<> read(kafka::consumer& reader, const std::vector<std::string>& topics,
                 const partition_reader::record_use& use, const partition_reader::pause_use& pause);
  // Whether it stopped because it had read all.
  bool is_done() const { return is_done_; }

 private:
  outcome<> poll_all(kafka::consumer& reader, const partition_reader::record_use& use,
                     const partition_reader::pause_use& pause);
  // False when nobody wants more. Records that were not used are given back.
  bool use_records(kafka::consumer& reader, const kafka::records& records,
                   const partition_reader::record_use& use);
  void assigned(kafka::consumer& reader, const std::vector<kafka::topic_partition>& partitions);
  void given_up(const std::vector<kafka::topic_partition>& partitions);
  // What has no more records below its end, but control records or nothing, is done, too.
  void look_at_positions(kafka::consumer& reader);
  void done(kafka::consumer& reader, const kafka::topic_partition& partition,
            std::int64_t position);
  bool has_read_all() const;

  bool stops_at_end_;
  bool is_done_ = false;
  bool has_told_ = false;
  std::map<kafka::topic_partition, std::int64_t> ends_;  // of those that are assigned
  std::optional<kafka::error> trouble_;                  // with finding them
};

}  // namespace barnabas::app
