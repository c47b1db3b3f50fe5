// What a leader checks and changes in the batches of one partition before it appends them, after
// Kafka's rules for Produce 3 and newer. Sizes, CRC, counts, offsets, producer fields and the upper
// time limit are checked from the header; the records are read only when a rule needs them (see
// validation_limits), and written anew only when the topic's compression differs. Nothing is
// allocated when nothing is replaced or refused.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "record/batch_view.h"
#include "record/compression.h"
#include "record/record_reader.h"

namespace barnabas::record {

// Where the batches come from. A client sends one batch, at base offset 0, without control records;
// a coordinator may send several and control records; from a leader (replication) only sizes and
// CRCs are checked.
enum class origin : std::uint8_t { client, coordinator, replication };

inline constexpr std::int64_t no_time_limit = std::numeric_limits<std::int64_t>::max();

struct validation_limits {
  record::origin origin = origin::client;
  // max.message.bytes: a larger batch is message_too_large.
  std::size_t max_message_bytes = 1'048'588;
  // segment.bytes: more in all is record_list_too_large.
  std::size_t max_total_bytes = std::numeric_limits<std::int32_t>::max();
  // log_append_time: the header gets now_ms.
  record::timestamp_type timestamp_type = timestamp_type::create_time;
  // message.timestamp.before.max.ms; a limit makes records be read, for a header has no smallest
  // timestamp.
  std::int64_t before_max_ms = no_time_limit;
  // message.timestamp.after.max.ms
  std::int64_t after_max_ms = no_time_limit;
  // compression.type; nothing is "producer". Another type than the batch's makes records be read
  // and written anew.
  std::optional<compression_choice> compression;
  // cleanup.policy contains compact: records need keys, so they are read.
  bool is_compacted = false;
  // Produce 3 to 6 do not know zstd: unsupported_compression_type (KIP-110).
  bool is_zstd_allowed = true;
  // Read the records even if no rule needs it.
  bool always_read_records = false;
  // When records are read.
  read_limits reading;
};

// Of Produce's record_errors (KIP-467): the record in its batch, counted from 0, and what was
// wrong. At most max_record_errors are listed.
struct record_error {
  std::int32_t batch_index = 0;
  std::string message;
};

inline constexpr std::size_t max_record_errors = 1000;

struct rejection {
  error why;
  std::vector<record_error> record_errors;
};

struct validated {
  // Whether the buffer's bytes were changed in place (header fields and CRC).
  bool is_changed = false;
  // If set, append these bytes and not the buffer's.
  std::optional<std::vector<std::byte>> replacement;

  std::int32_t batch_count = 0;
  // Offsets that the batches take: assign_offsets(bytes, base, ...) returns base + offset_count.
  std::int64_t offset_count = 0;
  // Of all batches, as the headers say now; and the offset, counted from the first, of the last
  // record of the batch that has it: what the time index of a log gets.
  std::int64_t max_timestamp = no_timestamp;
  std::int64_t offset_delta_of_max_timestamp = -1;
  // now_ms with log_append_time, else -1: what Produce answers.
  std::int64_t log_append_time_ms = no_timestamp;
  // Of the last batch.
  compression_type source_compression = compression_type::none;

  // Of the first batch; no_producer_id when it has none.
  std::int64_t producer_id = no_producer_id;
  std::int16_t producer_epoch = no_producer_epoch;
  std::int32_t base_sequence = no_sequence;
  std::int32_t last_sequence = no_sequence;
  bool is_transactional = false;
  bool is_control = false;
};

// Errors: corrupt_message (length, CRC, compressed stream), invalid_record (no batch, part of a
// batch, more than one, offsets, counts, control records, a sequence without a producer, a record
// without a key in a compacted topic), unsupported_for_message_format (magic 0 and 1 from others
// than clients), message_too_large, record_list_too_large, invalid_timestamp,
// unsupported_compression_type. When it fails the bytes may have been changed.
std::expected<validated, rejection> validate(mutable_bytes batches, const validation_limits& limits,
                                             std::int64_t now_ms);

}  // namespace barnabas::record
