#include "client/batch.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/ensure.h"
#include "record/compression.h"
#include "record/record_reader.h"

namespace barnabas::client {
namespace {

// Of a stream that a compressor gets in pieces: those of the smallest chunks are put together.
std::vector<bytes_view> pieces_to_compress(const chunked_bytes& records,
                                           std::vector<std::byte>& first) {
  std::vector<bytes_view> parts;
  records.add_parts(parts);
  std::size_t small = 0;
  while (small < parts.size() && first.size() < chunk_pool::largest_bytes) {
    first.insert(first.end(), parts[small].begin(), parts[small].end());
    ++small;
  }
  parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(small));
  parts.insert(parts.begin(), bytes_view(first));
  return parts;
}

}  // namespace

std::size_t most_record_bytes(std::optional<bytes_view> key, std::optional<bytes_view> value,
                              std::size_t header_bytes) {
  return record::encoded_record::most_fixed_bytes + (key ? key->size() : 0) +
         (value ? value->size() : 0) + header_bytes;
}

void batch::append(std::int64_t timestamp_ms, std::optional<bytes_view> key,
                   std::optional<bytes_view> value, std::int32_t header_count, bytes_view headers) {
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
  const std::size_t body = encoded.body_bytes();
  if (records_.room() >= most_record_bytes(key, value, headers.size())) {
    std::byte* const begin = records_.at();
    records_.wrote(static_cast<std::size_t>(encoded.write(begin, body) - begin));
  } else {
    encoded.write_pieces(body, [this](bytes_view piece) { records_.append(piece); });
  }
  record_bytes_ = records_.size();
  ++record_count_;
}

void batch::compress(record::compression_choice compression, std::vector<std::byte>& scratch) {
  std::vector<std::byte> first;
  auto parts = pieces_to_compress(records_, first);
  const bytes_view last = parts.back();
  parts.pop_back();
  scratch.clear();
  const auto to = record::compressor::open(compression, scratch, record_bytes_);
  for (const bytes_view part : parts) {
    to->append(part);
  }
  to->finish(last);
  records_.assign(scratch);
}

void batch::seal(record::compression_choice compression, bool is_transactional,
                 std::vector<std::byte>& scratch) {
  ensure(!is_sealed_ && record_count_ > 0, "an open batch with records is sealed");
  if (compression.type != record::compression_type::none) {
    compress(compression, scratch);
  }
  is_sealed_ = true;
  namespace at = record::at;
  std::byte* const begin = header_.data();
  store_big_endian(begin + at::base_offset, std::int64_t{0});
  store_big_endian(begin + at::length,
                   static_cast<std::int32_t>(size_bytes() - record::length_prefix_bytes));
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
  std::byte* const begin = header_.data();
  store_big_endian(begin + at::producer_id, sequence.producer_id);
  store_big_endian(begin + at::producer_epoch, sequence.epoch);
  store_big_endian(begin + at::base_sequence, sequence.first);
  std::vector<bytes_view> parts;
  add_parts(parts);
  parts.front() = parts.front().subspan(record::crc_begin);
  std::uint32_t crc = 0;
  for (const bytes_view part : parts) {
    crc = crc32c(part, crc);
  }
  store_big_endian(begin + at::crc, crc);
}

std::array<std::unique_ptr<batch>, 2> batch::split(record::compression_choice compression,
                                                   bool is_transactional) const {
  std::array halves{std::make_unique<batch>(pool_, created_),
                    std::make_unique<batch>(pool_, created_)};
  auto& [first, second] = halves;
  const std::vector<std::byte> whole = copy();
  const auto view = record::batch_view::parse(whole);
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
  std::vector<std::byte> scratch;
  for (const auto& half : halves) {
    half->seal(compression, is_transactional, scratch);
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

void batch::add_parts(std::vector<bytes_view>& parts) const {
  parts.emplace_back(header_);
  records_.add_parts(parts);
}

std::vector<std::byte> batch::copy() const {
  std::vector<bytes_view> parts;
  add_parts(parts);
  std::vector<std::byte> whole;
  for (const bytes_view part : parts) {
    whole.insert(whole.end(), part.begin(), part.end());
  }
  return whole;
}

void batch::reuse(runtime::steady_time created) {
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
