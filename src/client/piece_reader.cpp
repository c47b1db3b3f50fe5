#include "client/piece_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/endian.h"
#include "record/compression.h"
#include "record/control_record.h"

namespace barnabas::client {
namespace {

constexpr std::size_t most_decompressed_bytes = std::size_t{256} << 20;

}  // namespace

piece_reader::piece_reader(fetched_piece piece, bool checks_crcs)
    : piece_(std::move(piece)),
      checks_crcs_(checks_crcs),
      position_(piece_.offset),
      batches_(piece_.batches),
      next_offset_(piece_.offset) {
  std::ranges::sort(piece_.aborted, {}, &aborted_transaction::first_offset);
  buffers_.push_back(piece_.bytes);
}

std::vector<std::shared_ptr<const std::byte[]>> piece_reader::take_buffers() {
  auto taken = buffers_;
  buffers_.assign(1, piece_.bytes);
  if (flat_ != nullptr) {
    buffers_.push_back(flat_);
  }
  return taken;
}

result<std::optional<record::record_view>> piece_reader::next() {
  for (;;) {
    if (!reader_) {
      const auto opened = open_batch();
      if (!opened) {
        return fail(opened.error());
      }
      if (!*opened) {
        position_ = std::max(position_, next_offset_);
        return std::nullopt;
      }
      continue;
    }
    auto record = reader_->next();
    if (!record) {
      return fail(std::move(record.error()), piece_.from->name.to_string() + ": ");
    }
    if (!*record) {
      reader_.reset();
      flat_.reset();
    } else if ((*record)->offset >= position_) {
      position_ = (*record)->offset + 1;
      return record;
    }
  }
}

// Aborted batches stand between the transaction's first offset and its marker.
bool piece_reader::is_wanted(const record::batch_view& batch) {
  while (next_aborted_ < piece_.aborted.size() &&
         piece_.aborted[next_aborted_].first_offset <= batch.last_offset()) {
    aborting_.insert(piece_.aborted[next_aborted_++].producer_id);
  }
  if (batch.is_control()) {
    aborting_.erase(batch.producer_id());
    return false;
  }
  return batch.next_offset() > position_ &&
         !(batch.is_transactional() && aborting_.contains(batch.producer_id()));
}

result<bool> piece_reader::open_batch() {
  const auto batch = batches_.next();
  if (!batch) {
    // A broker cuts the last batch off where the limit is; it is fetched again.
    if (batches_.failure() && batches_.failure()->what == record::parse_failure::kind::corrupt) {
      return fail(batches_.failure()->why, piece_.from->name.to_string() + ": ");
    }
    if (batches_.failure() && batches_.failure()->what == record::parse_failure::kind::old_format) {
      return fail(error_code::unsupported_for_message_format,
                  piece_.from->name.to_string() + ": messages of before Kafka 0.11");
    }
    return false;
  }
  next_offset_ = batch->next_offset();
  leader_epoch_ = batch->partition_leader_epoch();
  if (!is_wanted(*batch)) {
    return true;
  }
  if (checks_crcs_ && !batch->is_crc_valid()) {
    return fail(error_code::corrupt_message,
                fmt::format("{}: the CRC of the batch at offset {} is wrong",
                            piece_.from->name.to_string(), batch->base_offset()));
  }
  const auto readable = batch->compression() == record::compression_type::none
                            ? result<record::batch_view>(*batch)
                            : flat(*batch);
  if (!readable) {
    return fail(readable.error(), piece_.from->name.to_string() + ": ");
  }
  reader_.emplace(*readable);
  return true;
}

// The batch without its compression, so that its records stay where they are.
result<record::batch_view> piece_reader::flat(const record::batch_view& batch) {
  auto records = record::decompress(batch.compression(), batch.payload(), most_decompressed_bytes);
  if (!records) {
    return fail(std::move(records.error()));
  }
  const std::size_t size = record::batch_header_bytes + records->size();
  auto bytes = std::make_shared_for_overwrite<std::byte[]>(size);
  std::ranges::copy(batch.bytes().first(record::batch_header_bytes), bytes.get());
  std::ranges::copy(*records, bytes.get() + record::batch_header_bytes);
  namespace at = record::at;
  store_big_endian(bytes.get() + at::length,
                   static_cast<std::int32_t>(size - record::length_prefix_bytes));
  store_big_endian(
      bytes.get() + at::attributes,
      static_cast<std::int16_t>(batch.attributes() & ~record::attribute::compression_mask));
  const auto view = record::batch_view::parse(bytes_view(bytes.get(), size));
  if (!view) {
    return fail(view.error().why);
  }
  flat_ = std::move(bytes);
  buffers_.push_back(flat_);
  return *view;
}

}  // namespace barnabas::client
