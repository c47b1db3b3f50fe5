// What calls want appended and has not been yet, in batches: the records of one call stand in one
// batch, those of calls that came together share it. A value of its machine's shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/result.h"
#include "coordinator/machine.h"
#include "coordinator/partition_log.h"
#include "record/batch_builder.h"

namespace barnabas::coordinator {

class append_queue {
 public:
  // Nothing is added when the call's records can never be appended together: MESSAGE_TOO_LARGE
  // (above max.message.bytes), RECORD_LIST_TOO_LARGE (above segment.bytes).
  result<> add(const std::vector<new_record>& records, std::int64_t timestamp_ms,
               const log_limits& limits);
  bool empty() const { return batches_.empty(); }

  struct taken {
    std::vector<std::byte> bytes;
    std::int64_t record_count = 0;
  };
  // The oldest batches, as many as one append may have; at least one. The queue is not empty.
  taken take(const log_limits& limits);
  void clear() { batches_.clear(); }

 private:
  struct batch {
    std::unique_ptr<record::batch_builder> open;  // null: finished, and `bytes` is it
    std::vector<std::byte> bytes;
    std::size_t size_bytes = 0;  // while it is open at most so many
    std::int64_t record_count = 0;
  };
  static batch make(const log_limits& limits);
  static void fill(batch& into, const std::vector<new_record>& records, std::int64_t timestamp_ms);
  static void finish(batch& open);

  std::deque<batch> batches_;
};

}  // namespace barnabas::coordinator
