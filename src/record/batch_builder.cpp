#include "record/batch_builder.h"

#include <algorithm>
#include <limits>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/ensure.h"
#include "base/varint.h"
#include "record/record_writer.h"

namespace barnabas::record {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

std::byte* grow(std::vector<std::byte>& bytes, std::size_t by) {
  const std::size_t before = bytes.size();
  bytes.resize(before + by);
  return bytes.data() + before;
}

std::int64_t subtract_wrapping(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

std::int16_t attributes_of(const batch_settings& settings) {
  int bits = static_cast<int>(settings.compression.type);
  bits |=
      settings.timestamp_type == timestamp_type::log_append_time ? attribute::log_append_time : 0;
  bits |= settings.is_transactional ? attribute::transactional : 0;
  bits |= settings.is_control ? attribute::control : 0;
  bits |= settings.delete_horizon_ms ? attribute::delete_horizon : 0;
  return static_cast<std::int16_t>(bits);
}

}  // namespace

batch_builder::batch_builder(batch_settings settings)
    : settings_(std::move(settings)),
      bytes_(batch_header_bytes),
      base_timestamp_(settings_.delete_horizon_ms),
      next_offset_(settings_.base_offset) {
  if (settings_.compression.type != compression_type::none) {
    compressor_ = compressor::open(settings_.compression, bytes_);
  }
}

void batch_builder::append(const new_record& record) {
  headers_.clear();
  for (const record_header& header : record.headers) {
    const bytes_view key = as_bytes(header.key);
    std::byte* at =
        grow(headers_, detail::nullable_bytes(key) + detail::nullable_bytes(header.value));
    at = detail::write_nullable(at, key);
    detail::write_nullable(at, header.value);
  }
  write_record(next_offset_, record.timestamp, record.key, record.value,
               static_cast<std::int32_t>(record.headers.size()), headers_);
}

void batch_builder::append_at(std::int64_t offset, const record_view& record) {
  ensure(offset >= next_offset_, "records are appended in the order of their offsets");
  write_record(offset, record.timestamp, record.key, record.value, record.headers.size(),
               record.headers.bytes());
}

void batch_builder::write_record(std::int64_t offset, std::int64_t timestamp,
                                 std::optional<bytes_view> key, std::optional<bytes_view> value,
                                 std::int32_t header_count, bytes_view headers) {
  const std::int64_t offset_delta = offset - settings_.base_offset;
  ensure(offset_delta <= std::numeric_limits<std::int32_t>::max(), "offset delta of a batch");
  if (!base_timestamp_) {
    base_timestamp_ = timestamp;
  }
  const std::int64_t timestamp_delta = subtract_wrapping(timestamp, *base_timestamp_);
  const encoded_record encoded{timestamp_delta, offset_delta, key, value, header_count, headers};
  const std::size_t body = encoded.body_bytes();
  encoded.write(grow(target(), varint_size(static_cast<std::int64_t>(body)) + body), body);

  max_timestamp_ = std::max(max_timestamp_, timestamp);
  next_offset_ = offset + 1;
  ++record_count_;
  if (compressor_ && staged_.size() >= piece_bytes) {
    compressor_->append(staged_);
    staged_.clear();
  }
}

std::vector<std::byte> batch_builder::build(std::optional<std::int64_t> last_offset) {
  ensure(record_count_ > 0 || last_offset, "a batch without records needs a last offset");
  const std::int64_t last = last_offset.value_or(next_offset_ - 1);
  ensure(last >= next_offset_ - 1 && last >= settings_.base_offset, "last offset of a batch");
  if (compressor_ && record_count_ > 0) {
    compressor_->finish(staged_);
  }
  if (record_count_ == 0) {
    // Readers need not open a stream for nothing.
    settings_.compression.type = compression_type::none;
    bytes_.resize(batch_header_bytes);
  }
  write_header(last);
  return std::move(bytes_);
}

void batch_builder::write_header(std::int64_t last_offset) {
  const std::int64_t max_timestamp = settings_.max_timestamp.value_or(max_timestamp_);
  ensure(bytes_.size() - length_prefix_bytes <= std::numeric_limits<std::int32_t>::max(),
         "length of a batch");
  std::byte* const begin = bytes_.data();
  store_big_endian(begin + at::base_offset, settings_.base_offset);
  store_big_endian(begin + at::length,
                   static_cast<std::int32_t>(bytes_.size() - length_prefix_bytes));
  store_big_endian(begin + at::leader_epoch, settings_.partition_leader_epoch);
  store_big_endian(begin + at::magic, current_magic);
  store_big_endian(begin + at::attributes, attributes_of(settings_));
  store_big_endian(begin + at::last_offset_delta,
                   static_cast<std::int32_t>(last_offset - settings_.base_offset));
  store_big_endian(begin + at::base_timestamp, base_timestamp_.value_or(max_timestamp));
  store_big_endian(begin + at::max_timestamp, max_timestamp);
  store_big_endian(begin + at::producer_id, settings_.producer_id);
  store_big_endian(begin + at::producer_epoch, settings_.producer_epoch);
  store_big_endian(begin + at::base_sequence, settings_.base_sequence);
  store_big_endian(begin + at::record_count, record_count_);
  store_big_endian(begin + at::crc, crc32c(bytes_view(bytes_).subspan(crc_begin)));
}

}  // namespace barnabas::record
