// Builds one batch of magic 2 into a buffer of its own: records are appended, compressed as they
// come, and build() writes the header with its CRC. Offsets, sequences and timestamps are the
// caller's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "record/batch_format.h"
#include "record/compression.h"
#include "record/record_reader.h"

namespace barnabas::record {

struct batch_settings {
  std::int64_t base_offset = 0;
  std::int32_t partition_leader_epoch = no_leader_epoch;
  compression_choice compression;
  record::timestamp_type timestamp_type = record::timestamp_type::create_time;
  // The header's max timestamp in place of the records' largest: with log append time, and for a
  // batch without records, whose base timestamp it becomes too.
  std::optional<std::int64_t> max_timestamp;
  std::int64_t producer_id = no_producer_id;
  std::int16_t producer_epoch = no_producer_epoch;
  std::int32_t base_sequence = no_sequence;
  bool is_transactional = false;
  bool is_control = false;
  // Stands in the place of the base timestamp (KIP-534).
  std::optional<std::int64_t> delete_horizon_ms;
};

// A record to be written; views need to live only for the call.
struct new_record {
  std::int64_t timestamp = no_timestamp;
  std::optional<bytes_view> key;
  std::optional<bytes_view> value;
  std::span<const record_header> headers;
};

class batch_builder {
 public:
  explicit batch_builder(batch_settings settings);
  batch_builder(const batch_builder&) = delete;
  batch_builder& operator=(const batch_builder&) = delete;

  // At the offset after the last record's.
  void append(const new_record& record);
  // As it was read, at `offset`, which is above the last one's and not below the base offset: what
  // compaction and recompression do.
  void append_at(std::int64_t offset, const record_view& record);

  std::int32_t record_count() const { return record_count_; }
  // Bytes that build() would give at least: what waits for the compressor is not counted.
  std::size_t written_bytes() const { return bytes_.size(); }
  // The batch. Its last offset is the last record's, or `last_offset` where compaction removed
  // records behind it; a batch without records needs it. The builder is used up.
  std::vector<std::byte> build(std::optional<std::int64_t> last_offset = std::nullopt);

 private:
  void write_record(std::int64_t offset, std::int64_t timestamp, std::optional<bytes_view> key,
                    std::optional<bytes_view> value, std::int32_t header_count, bytes_view headers);
  void write_header(std::int64_t last_offset);
  // Records go here: to the batch, or to a piece for the compressor.
  std::vector<std::byte>& target() { return compressor_ ? staged_ : bytes_; }

  batch_settings settings_;
  std::vector<std::byte> bytes_;
  std::unique_ptr<compressor> compressor_;
  std::vector<std::byte> staged_;
  std::vector<std::byte> headers_;
  std::optional<std::int64_t> base_timestamp_;
  std::int64_t max_timestamp_ = no_timestamp;
  std::int64_t next_offset_;
  std::int32_t record_count_ = 0;
};

}  // namespace barnabas::record
