// Loading: replays a partition from its log start to its log end into a new machine, piece by
// piece, and lets the shard's other work go on between them. Lives in the loading task.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "coordinator/machine.h"
#include "coordinator/partition_log.h"
#include "record/batch_view.h"
#include "record/record_reader.h"
#include "runtime/task.h"

namespace barnabas::coordinator {

class loader {
 public:
  // Both outlive it.
  loader(partition_log& log, machine& into) : log_(log), machine_(into) {}

  // The log end up to which everything has been replayed. NOT_LEADER_OR_FOLLOWER when the leader
  // epoch has changed meanwhile, CORRUPT_MESSAGE and INVALID_RECORD for a batch that cannot be
  // read, KAFKA_STORAGE_ERROR. A record that the machine does not understand is logged and skipped.
  runtime::task<result<std::int64_t>> run();
  std::int64_t records() const { return records_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  result<std::int64_t> replay_piece(bytes_view bytes, std::int64_t from);
  result<> replay_batch(record::batch_view batch, std::int64_t from);
  result<> replay_record(const record::record_view& record, const record::batch_view& batch);
  result<> replay_control(const record::record_view& record, const record::batch_view& batch);

  partition_log& log_;
  machine& machine_;
  std::int64_t records_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t not_understood_ = 0;
};

}  // namespace barnabas::coordinator
