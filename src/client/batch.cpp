#include "client/batch.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/ensure.h"
#include "record/compression.h"

namespace barnabas::client {
namespace {

// Small, for a producer may have many partitions with little for each.
constexpr std::size_t first_capacity = 4 * 1024;

}  // namespace

std::size_t most_record_bytes(std::optional<bytes_view> key, std::optional<bytes_view> value,
                              std::size_t header_bytes) {
  constexpr std::size_t varints = 5 + 1 + 10 + 5 + 5 + 5 + 5;
  return varints + (key ? key->size() : 0) + (value ? value->size() : 0) + header_bytes;
}

void batch::append(std::int64_t timestamp_ms, std::optional<bytes_view> key,
                   std::optional<bytes_view> value, std::int32_t header_count, bytes_view headers) {
  const std::size_t most = most_record_bytes(key, value, headers.size());
  if (capacity_ - std::min(size_, capacity_) < most) {
    grow(size_ + most);
  }
  if (record_count_ == 0) {
    base_timestamp_ = max_timestamp_ = timestamp_ms;
  }
  max_timestamp_ = std::max(max_timestamp_, timestamp_ms);
  const record::encoded_record encoded{.timestamp_delta = timestamp_ms - base_timestamp_,
                                       .offset_delta = record_count_,
                                       .key = key,
                                       .value = value,
                                       .header_count = header_count,
                                       .headers = headers};
  std::byte* const end = encoded.write(buffer_.get() + size_, encoded.body_bytes());
  size_ = static_cast<std::size_t>(end - buffer_.get());
  record_bytes_ = size_ - record::batch_header_bytes;
  ++record_count_;
}

void batch::grow(std::size_t least) {
  const std::size_t capacity = std::max({least, 2 * capacity_, first_capacity});
  auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity);
  if (record_count_ > 0) {
    std::copy_n(buffer_.get(), size_, larger.get());
  }
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

void batch::compress(record::compression_choice compression) {
  std::vector<std::byte> output(record::batch_header_bytes);
  record::compressor::open(compression, output)
      ->finish(bytes().subspan(record::batch_header_bytes));
  if (output.size() > capacity_) {
    grow(output.size());
  }
  std::ranges::copy(output, buffer_.get());
  size_ = output.size();
}

void batch::seal(record::compression_choice compression, bool is_transactional) {
  ensure(!is_sealed_ && record_count_ > 0, "an open batch with records is sealed");
  if (compression.type != record::compression_type::none) {
    compress(compression);
  }
  is_sealed_ = true;
  namespace at = record::at;
  std::byte* const begin = buffer_.get();
  store_big_endian(begin + at::base_offset, std::int64_t{0});
  store_big_endian(begin + at::length,
                   static_cast<std::int32_t>(size_ - record::length_prefix_bytes));
  store_big_endian(begin + at::leader_epoch, record::no_leader_epoch);
  store_big_endian(begin + at::magic, record::current_magic);
  const int transactional = is_transactional ? record::attribute::transactional : 0;
  store_big_endian(begin + at::attributes,
                   static_cast<std::int16_t>(static_cast<int>(compression.type) | transactional));
  store_big_endian(begin + at::last_offset_delta, record_count_ - 1);
  store_big_endian(begin + at::base_timestamp, base_timestamp_);
  store_big_endian(begin + at::max_timestamp, max_timestamp_);
  store_big_endian(begin + at::record_count, record_count_);
}

void batch::set_sequence(const producer_sequence& sequence) {
  ensure(is_sealed_, "a sealed batch gets its sequence");
  sequence_ = sequence;
  namespace at = record::at;
  std::byte* const begin = buffer_.get();
  store_big_endian(begin + at::producer_id, sequence.producer_id);
  store_big_endian(begin + at::producer_epoch, sequence.epoch);
  store_big_endian(begin + at::base_sequence, sequence.first);
  store_big_endian(begin + at::crc, crc32c(bytes().subspan(record::crc_begin)));
}

void batch::reuse(runtime::steady_time created) {
  size_ = record::batch_header_bytes;
  record_bytes_ = 0;
  record_count_ = 0;
  created_ = created;
  receipts_.clear();
  is_sealed_ = false;
  sequence_ = {};
  order = 0;
  attempts = 0;
  not_before = {};
  may_be_written = false;
}

}  // namespace barnabas::client
