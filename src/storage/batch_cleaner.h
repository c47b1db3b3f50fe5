// What becomes of a batch in a compaction, by the rules of Kafka's log cleaner: of each key the
// newest record stays; a tombstone stays until the delete horizon of its batch (KIP-534), which the
// first compaction that finds it sets; records of aborted transactions go, and their markers when
// nothing of the transaction is left, after a horizon of their own; the last batch of a producer
// stays for its sequence number, emptied if need be. Offsets, timestamps, headers, codec, epochs
// and sequences are kept, and a batch that loses nothing is kept byte by byte. Of one pass, on a
// file thread; batches come in the order of their offsets.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "record/batch_view.h"
#include "record/record_reader.h"
#include "storage/cleaned_transactions.h"
#include "storage/key_offsets.h"

namespace barnabas::storage {

// What must stay of a producer that is still known.
struct producer_end {
  // Of its last data; -1 when only a marker is left of it, which then stays.
  std::int64_t last_offset = -1;
  std::int16_t epoch = record::no_producer_epoch;
  // It is to be found in what is compacted. As long as it is not, all its data may be the last.
  bool is_sought = false;
};
using producer_ends = std::unordered_map<std::int64_t, producer_end>;

// What a compaction knows of a record.
struct keyed_record {
  key_digest digest;
  std::int64_t offset = 0;
  bool has_key = false;
  bool has_value = false;
};

// Reads the records of a batch. CORRUPT_MESSAGE when its CRC is wrong.
result<> collect_keys(const record::batch_view& batch, const key_offsets& keys,
                      std::vector<keyed_record>& into);

struct cleaning_rules {
  const key_offsets& keys;
  // Records above it are not in `keys` and stay.
  std::int64_t mapped_to;
  // Where the part of the log that may be compacted ends; the batch before it stays, so that the
  // log does not forget its end.
  std::int64_t end_offset;
  const producer_ends& producers;
  std::int64_t now_ms;
  std::int64_t delete_retention_ms;
};

class batch_cleaner {
 public:
  enum class fate : std::uint8_t { kept, rewritten, dropped };

  batch_cleaner(cleaning_rules rules, std::vector<transaction_index_entry> aborted)
      : rules_(rules), transactions_(std::move(aborted)) {}

  // After `rewritten` the new batch is in rewritten(). CORRUPT_MESSAGE and INVALID_RECORD when the
  // batch is damaged.
  result<fate> judge(const record::batch_view& batch);
  const std::vector<std::byte>& rewritten() const { return rewritten_; }
  // Of the marker that was judged last, if readers must know its transaction.
  const std::optional<transaction_index_entry>& aborted() const { return aborted_; }

 private:
  result<fate> judge_marker(const record::batch_view& batch);
  result<fate> judge_data(const record::batch_view& batch);
  bool must_stay(const record::batch_header& batch) const;
  bool is_retained(const keyed_record& record, std::optional<std::int64_t> horizon_ms) const;
  fate empty_or_drop(const record::batch_header& batch);
  // With the records that `stays` marks.
  result<> rewrite(const record::batch_view& batch, std::optional<std::int64_t> horizon_ms);

  cleaning_rules rules_;
  cleaned_transactions transactions_;
  std::optional<transaction_index_entry> aborted_;
  std::vector<keyed_record> records_;
  std::vector<bool> stays_;
  std::vector<std::byte> rewritten_;
};

}  // namespace barnabas::storage
