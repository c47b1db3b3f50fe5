// What a partition knows of its idempotent and transactional producers (KIP-98): for each producer
// id its epoch, its last five batches, and where its open transaction began. On the log's shard; it
// costs nothing while there are no producers. It describes the log up to map_end_offset(); what
// came since the newest snapshot file is found again in the batches. The rules are those of
// Kafka 3.9.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "record/batch_view.h"
#include "record/control_record.h"
#include "record/validator.h"

namespace barnabas::storage {

struct producer_batch {
  std::int64_t last_offset = 0;
  std::int64_t timestamp = 0;
  std::int32_t last_sequence = 0;
  std::int32_t offset_delta = 0;  // records in it, less one

  std::int64_t first_offset() const { return last_offset - offset_delta; }
  std::int32_t first_sequence() const;
};

struct producer_entry {
  static constexpr std::size_t batches_kept = 5;
  static constexpr std::int64_t no_transaction = -1;

  std::int64_t last_timestamp = record::no_timestamp;
  // no_transaction when none is open.
  std::int64_t transaction_first_offset = no_transaction;
  std::int32_t coordinator_epoch = -1;
  std::int16_t epoch = record::no_producer_epoch;
  std::uint8_t batch_count = 0;
  // Oldest first.
  std::array<producer_batch, batches_kept> batches{};

  std::int32_t last_sequence() const;
  std::int64_t last_offset() const;
  void add(const producer_batch& batch);
};

// A transaction that a marker ended.
struct completed_transaction {
  std::int64_t producer_id = record::no_producer_id;
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;  // the marker's
  bool is_aborted = false;
};

// What producer state needs of a batch: of its header, and of its one record if it ends a
// transaction.
struct producer_update {
  // INVALID_RECORD when a control batch's record cannot be read.
  static result<producer_update> of(record::batch_view batch);
  explicit producer_update(const record::batch_header& batch);

  std::int64_t producer_id;
  std::int64_t base_offset;
  std::int64_t last_offset;
  std::int64_t max_timestamp;
  std::int32_t base_sequence;
  std::int32_t last_sequence;
  std::int16_t epoch;
  bool is_transactional;
  bool is_control;
  std::optional<record::transaction_marker> marker;
};

class producer_state {
 public:
  // A batch that is in the log already, by epoch and sequences; answer the producer with its
  // offsets again.
  std::optional<producer_batch> find_duplicate(const record::batch_header& batch) const;

  // Takes a batch in. Errors, and then nothing has changed: OUT_OF_ORDER_SEQUENCE_NUMBER,
  // INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED, INVALID_TXN_STATE. Batches of
  // `replication` are never refused. When the batch ends a transaction it is returned, and
  // complete() must follow.
  result<std::optional<completed_transaction>> update(const producer_update& batch,
                                                      record::origin origin);
  // The last stable offset behind a completed transaction, which the transaction index keeps
  // (Kafka's rule: the first offset of the oldest other open transaction, else behind the marker).
  std::int64_t last_stable_offset_after(const completed_transaction& transaction) const;
  void complete(const completed_transaction& transaction);

  // Updates can be undone, newest first, until commit().
  std::size_t mark() const { return undo_.size(); }
  // `first_offset` is that of the first batch whose update is undone.
  void roll_back(std::size_t mark, std::int64_t first_offset);
  void commit() { undo_.clear(); }

  // The first offset of the oldest transaction that is open, or whose marker is not below the high
  // watermark.
  std::optional<std::int64_t> first_unstable_offset(std::int64_t high_watermark) const;
  // Forgets what is stable by now; only memory depends on it.
  void advance_high_watermark(std::int64_t high_watermark);

  // Forgets producers without an open transaction that wrote nothing for `expiration_ms`.
  void remove_expired(std::int64_t now_ms, std::int64_t expiration_ms);

  std::int64_t map_end_offset() const { return map_end_offset_; }
  void set_map_end_offset(std::int64_t offset) { map_end_offset_ = offset; }

  const producer_entry* find(std::int64_t producer_id) const;
  const std::unordered_map<std::int64_t, producer_entry>& producers() const { return producers_; }
  // From a snapshot.
  void load(std::int64_t producer_id, const producer_entry& entry);
  void clear(std::int64_t map_end_offset);
  // Gives back what growing vectors keep.
  void shrink();

 private:
  struct undo_entry {
    std::int64_t producer_id;
    std::optional<producer_entry> before;
  };

  static result<> check(const producer_update& batch, record::origin origin,
                        const producer_entry& known);
  static result<> check_sequence(const producer_update& batch, const producer_entry& known);
  std::optional<completed_transaction> end_transaction(const producer_update& batch,
                                                       producer_entry& entry);
  void add_data(const producer_update& batch, producer_entry& entry);

  std::unordered_map<std::int64_t, producer_entry> producers_;
  // Open transactions by their first offset, with their producer.
  std::vector<std::pair<std::int64_t, std::int64_t>> open_;
  // Completed ones whose marker is not below the high watermark, by first offset.
  std::vector<completed_transaction> unreplicated_;
  std::vector<undo_entry> undo_;
  std::int64_t map_end_offset_ = 0;
};

}  // namespace barnabas::storage
