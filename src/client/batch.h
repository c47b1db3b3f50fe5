// Records for one partition on their way: they are encoded into chunks of the producer's memory as
// they come (grammar in record/batch_format.h), uncompressed. seal() makes of it the bytes of a
// Produce request. It belongs to the accumulator while it is open and to the sender afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "client/chunks.h"
#include "record/batch_builder.h"
#include "record/record_writer.h"
#include "runtime/time.h"

namespace barnabas::client {

// What became of one record. Views live for the call.
struct delivered_record {
  std::string_view topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::int64_t timestamp_ms = -1;
  runtime::duration latency{};
  std::uint64_t tag = 0;
  const error* failure = nullptr;  // null when it is delivered
  // What it leaves of its transaction.
  bool requires_abort = false;
  bool is_fatal = false;
};

// Who wants to know what became of a record. Called on the shard of the client.
class delivery_listener {
 public:
  virtual ~delivery_listener() = default;
  virtual void delivered(const delivered_record& record) = 0;
  // False: it is told of failures only, and their latency is that of their batch.
  virtual bool hears_all() const { return true; }
};

// A listener of one record of a batch.
struct receipt {
  delivery_listener* listener = nullptr;
  std::uint64_t tag = 0;
  std::int32_t index = 0;
  std::int64_t timestamp_ms = -1;
  runtime::steady_time produced{};
};

// Who sends a batch and as which of its batches (KIP-98).
struct producer_sequence {
  std::int64_t producer_id = record::no_producer_id;
  std::int16_t epoch = record::no_producer_epoch;
  std::int32_t first = record::no_sequence;
};

class batch {
 public:
  // The pool outlives it.
  batch(chunk_pool& pool, runtime::steady_time created)
      : pool_(pool), records_(pool), created_(created) {}

  // Takes one record. `headers` are encoded.
  void append(std::int64_t timestamp_ms, std::optional<bytes_view> key,
              std::optional<bytes_view> value, std::int32_t header_count, bytes_view headers);
  void listen(const receipt& to) { receipts_.push_back(to); }

  std::int32_t record_count() const { return record_count_; }
  // Of the records, before compression.
  std::size_t record_bytes() const { return record_bytes_; }
  runtime::steady_time created() const { return created_; }
  const std::vector<receipt>& receipts() const { return receipts_; }

  // Compresses and writes the header; once. The batch keeps what listeners need. `scratch` is
  // memory for whatever, better kept for the next.
  void seal(record::compression_choice compression, bool is_transactional,
            std::vector<std::byte>& scratch);
  bool is_sealed() const { return is_sealed_; }
  // Writes who sends it into a sealed batch, and its CRC.
  void set_sequence(const producer_sequence& sequence);
  const producer_sequence& sequence() const { return sequence_; }
  // Of a sealed batch: its bytes in order, which live as long as it has them.
  void add_parts(std::vector<bytes_view>& parts) const;
  std::size_t size_bytes() const { return header_.size() + records_.size(); }

  // The records of a sealed one with more than one, in two of about half the bytes each, sealed
  // alike and under the same numbers.
  std::array<std::unique_ptr<batch>, 2> split(record::compression_choice compression,
                                              bool is_transactional) const;

  // Gives back their memory.
  void drop_bytes() { records_.clear(); }
  // For another batch's records, after drop_bytes().
  void reuse(runtime::steady_time created);

  // Of the sender.
  std::uint64_t order = 0;  // of its first record, among those of its partition
  int attempts = 0;
  runtime::steady_time not_before{};
  bool may_be_written = false;  // it was sent, and nobody said what became of it

 private:
  void compress(record::compression_choice compression, std::vector<std::byte>& scratch);
  std::vector<std::byte> copy() const;

  chunk_pool& pool_;
  std::array<std::byte, record::batch_header_bytes> header_{};
  chunked_bytes records_;
  std::size_t record_bytes_ = 0;
  std::int32_t record_count_ = 0;
  std::int64_t base_timestamp_ = 0;
  std::int64_t max_timestamp_ = 0;
  runtime::steady_time created_;
  std::vector<receipt> receipts_;
  bool is_sealed_ = false;
  producer_sequence sequence_;
};

// Bytes that a record takes in a batch at most.
std::size_t most_record_bytes(std::optional<bytes_view> key, std::optional<bytes_view> value,
                              std::size_t header_bytes);

}  // namespace barnabas::client
