// Views of one record batch in bytes that somebody else owns: batch_header needs its first 61
// bytes, batch_view and mutable_batch all of it. They are made by parse(), which has checked that
// the bytes are there, the magic is 2, the compression type exists, and offsets, deltas and the
// count are not negative. It checks neither the CRC (is_crc_valid) nor the records inside
// (record_reader.h). Trivially copyable; pass them by value.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "base/bytes.h"
#include "base/endian.h"
#include "base/result.h"
#include "record/batch_format.h"

namespace barnabas::record {

// Why bytes are not a batch. Recovery cuts a log at an `incomplete` or `corrupt` one, a follower
// waits for the rest of an `incomplete` one, and both step over an `old_format` (magic 0 or 1) with
// frame::parse.
struct parse_failure {
  enum class kind : std::uint8_t { incomplete, corrupt, old_format };
  kind what = kind::corrupt;
  error why;
  // For `incomplete`: with so many bytes in all the same parse gets further.
  std::size_t bytes_needed = 0;
};
template <class T>
using parsed = std::expected<T, parse_failure>;

// What entries of every magic have in common; enough to walk a log.
struct frame {
  static constexpr std::size_t header_bytes = at::magic + 1;

  // Of magic 2 the base offset, of magic 0 and 1 the offset of the (last) message.
  std::int64_t offset = 0;
  // The whole entry, its offset and length included.
  std::size_t size_bytes = 0;
  std::int8_t magic = 0;

  // Needs the entry's first 17 bytes. `corrupt`: a length below the magic's smallest, a magic that
  // is not 0 to 2.
  static parsed<frame> parse(bytes_view bytes);
};

class batch_header {
 public:
  // Needs the first 61 bytes; more are ignored. Never gives `incomplete` when they are there.
  static parsed<batch_header> parse(bytes_view bytes);

  std::int64_t base_offset() const { return load<std::int64_t>(at::base_offset); }
  // The whole batch as its length says; the bytes behind a batch_header need not be there.
  std::size_t size_bytes() const {
    return length_prefix_bytes + static_cast<std::size_t>(load<std::int32_t>(at::length));
  }
  std::int32_t partition_leader_epoch() const { return load<std::int32_t>(at::leader_epoch); }
  std::int8_t magic() const { return load<std::int8_t>(at::magic); }
  std::uint32_t stored_crc() const { return load<std::uint32_t>(at::crc); }
  std::int16_t attributes() const { return load<std::int16_t>(at::attributes); }
  compression_type compression() const {
    return static_cast<compression_type>(attributes() & attribute::compression_mask);
  }
  record::timestamp_type timestamp_type() const {
    return has(attribute::log_append_time) ? record::timestamp_type::log_append_time
                                           : record::timestamp_type::create_time;
  }
  bool is_transactional() const { return has(attribute::transactional); }
  bool is_control() const { return has(attribute::control); }
  std::int32_t last_offset_delta() const { return load<std::int32_t>(at::last_offset_delta); }
  std::int64_t last_offset() const { return base_offset() + last_offset_delta(); }
  std::int64_t next_offset() const { return last_offset() + 1; }
  // Timestamps of records are deltas to it. After compaction it may be the delete horizon.
  std::int64_t base_timestamp() const { return load<std::int64_t>(at::base_timestamp); }
  std::int64_t max_timestamp() const { return load<std::int64_t>(at::max_timestamp); }
  std::optional<std::int64_t> delete_horizon_ms() const {
    return has(attribute::delete_horizon) ? std::optional(base_timestamp()) : std::nullopt;
  }
  std::int64_t producer_id() const { return load<std::int64_t>(at::producer_id); }
  bool has_producer_id() const { return producer_id() > no_producer_id; }
  std::int16_t producer_epoch() const { return load<std::int16_t>(at::producer_epoch); }
  std::int32_t base_sequence() const { return load<std::int32_t>(at::base_sequence); }
  // -1 when there is no base sequence.
  std::int32_t last_sequence() const {
    const std::int32_t base = base_sequence();
    return base == no_sequence ? no_sequence : add_to_sequence(base, last_offset_delta());
  }
  // May be 0: compaction keeps the header of a producer's last batch.
  std::int32_t record_count() const { return load<std::int32_t>(at::record_count); }

 protected:
  explicit batch_header(const std::byte* begin) : begin_(begin) {}
  template <class T>
  T load(std::size_t offset) const {
    return load_big_endian<T>(begin_ + offset);
  }
  bool has(std::int16_t bit) const { return (attributes() & bit) != 0; }

  const std::byte* begin_;
};

class batch_view : public batch_header {
 public:
  // The first batch in `bytes`; what follows it is ignored.
  static parsed<batch_view> parse(bytes_view bytes);

  bytes_view bytes() const { return {begin_, size_bytes()}; }
  // The records, compressed if compression() says so.
  bytes_view payload() const { return bytes().subspan(batch_header_bytes); }
  std::uint32_t computed_crc() const;
  bool is_crc_valid() const { return stored_crc() == computed_crc(); }

 protected:
  using batch_header::batch_header;
};

// A batch whose header may be rewritten in place.
class mutable_batch : public batch_view {
 public:
  static parsed<mutable_batch> parse(mutable_bytes bytes);

  // These two are outside of the CRC.
  void set_base_offset(std::int64_t offset) { store(at::base_offset, offset); }
  void set_partition_leader_epoch(std::int32_t epoch) { store(at::leader_epoch, epoch); }
  // Computes the CRC again when something changes; returns whether it did.
  bool set_max_timestamp(record::timestamp_type type, std::int64_t max_timestamp);

 private:
  explicit mutable_batch(std::byte* begin) : batch_view(begin) {}
  template <class T>
  void store(std::size_t offset, T value) {
    store_big_endian(const_cast<std::byte*>(begin_) + offset, value);
  }
};

// The batches of a buffer, one after the other:
//   batches all(bytes);
//   for (batch_view batch : all) ...
//   if (all.failure()) ... the first bytes that are not a whole batch begin at all.position()
// A buffer is walked once.
class batches {
 public:
  explicit batches(bytes_view bytes) : bytes_(bytes) {}

  // Nothing at the end of the buffer, or before the first bytes that are not a whole batch.
  std::optional<batch_view> next();
  // Bytes that the batches given so far take.
  std::size_t position() const { return position_; }
  const std::optional<parse_failure>& failure() const { return failure_; }

  struct end_mark {};
  class iterator {
   public:
    explicit iterator(batches& all) : all_(&all), current_(all.next()) {}
    batch_view operator*() const { return *current_; }
    iterator& operator++() {
      current_ = all_->next();
      return *this;
    }
    bool operator==(end_mark) const { return !current_; }

   private:
    batches* all_;
    std::optional<batch_view> current_;
  };
  iterator begin() { return iterator(*this); }
  end_mark end() { return {}; }

 private:
  bytes_view bytes_;
  std::size_t position_ = 0;
  std::optional<parse_failure> failure_;
};

// Gives every batch of `whole_batches` (validated before) its offsets, one after the other from
// `base_offset`, and the leader's epoch, in place and without a new CRC. Returns the offset after
// the last.
std::int64_t assign_offsets(mutable_bytes whole_batches, std::int64_t base_offset,
                            std::int32_t leader_epoch);

}  // namespace barnabas::record
