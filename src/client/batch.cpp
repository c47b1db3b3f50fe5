#include "client/batch.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/ensure.h"
#include "record/compression.h"
#include "record/record_reader.h"

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

std::array<std::unique_ptr<batch>, 2> batch::split(record::compression_choice compression,
                                                   bool is_transactional) const {
  std::array halves{std::make_unique<batch>(created_), std::make_unique<batch>(created_)};
  auto& [first, second] = halves;
  const auto view = record::batch_view::parse(bytes());
  ensure(view && record_count_ > 1, "a sealed batch with several records is split");
  record::record_reader reader(
      *view, record::record_reader::offsets::consecutive,
      {.max_record_bytes = record_bytes_, .max_batch_bytes = record_bytes_});
  for (std::int32_t index = 0; index < record_count_; ++index) {
    const auto read = reader.next();
    ensure(read && *read, "a batch has the records that were put into it");
    const auto& [offset, timestamp, key, value, headers] = **read;
    const bool is_of_first =
        index == 0 || (second->record_count_ == 0 && index + 1 < record_count_ &&
                       first->record_bytes_ < record_bytes_ / 2);
    (is_of_first ? first : second)->append(timestamp, key, value, headers.size(), headers.bytes());
  }
  const std::int32_t cut = first->record_count_;
  for (receipt each : receipts_) {
    const bool is_of_first = each.index < cut;
    each.index -= is_of_first ? 0 : cut;
    (is_of_first ? first : second)->listen(each);
  }
  for (const auto& half : halves) {
    half->seal(compression, is_transactional);
  }
  auto numbers = sequence_;
  first->set_sequence(numbers);
  if (numbers.first != record::no_sequence) {
    numbers.first = record::add_to_sequence(numbers.first, cut);
  }
  second->set_sequence(numbers);
  first->order = order;
  second->order = order + static_cast<std::uint64_t>(cut);
  return halves;
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
