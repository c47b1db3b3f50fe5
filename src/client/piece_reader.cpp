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

piece_reader::piece_reader(fetched_piece piece, bool checks_crcs, recycled_buffers& memory)
    : piece_(std::move(piece)),
      checks_crcs_(checks_crcs),
      memory_(memory),
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

bool piece_reader::open_batch() {
  outcome_ = reader_.check();
  reader_ = {};
  flat_.reset();
  auto found = outcome_ ? find_batch() : fail(std::move(outcome_.error()));
  if (!found) {
    outcome_ = fail(std::move(found.error()), piece_.from->name.to_string() + ": ");
    return false;
  }
  if (!*found) {
    position_ = std::max(position_, next_offset_);
  }
  return *found;
}

result<bool> piece_reader::find_batch() {
  while (const auto batch = batches_.next()) {
    next_offset_ = batch->next_offset();
    leader_epoch_ = batch->partition_leader_epoch();
    if (is_wanted(*batch)) {
      const auto opened = open(*batch);
      return opened ? result<bool>(true) : fail(opened.error());
    }
  }
  // A broker cuts the last batch off where the limit is; it is fetched again.
  if (batches_.failure() && batches_.failure()->what == record::parse_failure::kind::corrupt) {
    return fail(batches_.failure()->why);
  }
  if (batches_.failure() && batches_.failure()->what == record::parse_failure::kind::old_format) {
    return fail(error_code::unsupported_for_message_format, "messages of before Kafka 0.11");
  }
  return false;
}

result<> piece_reader::open(const record::batch_view& batch) {
  if (checks_crcs_ && !batch.is_crc_valid()) {
    return fail(error_code::corrupt_message,
                fmt::format("the CRC of the batch at offset {} is wrong", batch.base_offset()));
  }
  const auto readable = batch.compression() == record::compression_type::none
                            ? result<record::batch_view>(batch)
                            : flat(batch);
  if (!readable) {
    return fail(readable.error());
  }
  reader_ = record::plain_reader(*readable);
  return {};
}

// The batch without its compression, so that its records stay where they are.
result<record::batch_view> piece_reader::flat(const record::batch_view& batch) {
  constexpr std::size_t least_bytes = 4096;
  constexpr std::size_t usual_ratio = 4;
  const bytes_view payload = batch.payload();
  recycled_buffers::buffer into;  // the header and the records
  const auto records = record::decompress(
      batch.compression(), payload, most_decompressed_bytes, [&](std::size_t used) {
        const std::size_t filled = record::batch_header_bytes + used;
        auto larger =
            memory_.take(used == 0 ? record::batch_header_bytes +
                                         std::max(least_bytes, payload.size() * usual_ratio)
                                   : 2 * filled);
        std::copy_n(into.bytes.get(), used == 0 ? 0 : filled, larger.bytes.get());
        into = std::move(larger);
        return mutable_bytes(into.bytes.get(), into.capacity).subspan(record::batch_header_bytes);
      });
  if (!records) {
    return fail(records.error());
  }
  const std::size_t size = record::batch_header_bytes + *records;
  std::ranges::copy(batch.bytes().first(record::batch_header_bytes), into.bytes.get());
  namespace at = record::at;
  store_big_endian(into.bytes.get() + at::length,
                   static_cast<std::int32_t>(size - record::length_prefix_bytes));
  store_big_endian(
      into.bytes.get() + at::attributes,
      static_cast<std::int16_t>(batch.attributes() & ~record::attribute::compression_mask));
  const auto view = record::batch_view::parse(bytes_view(into.bytes.get(), size));
  if (!view) {
    return fail(view.error().why);
  }
  memory_.keep(into);
  flat_ = std::move(into.bytes);
  buffers_.push_back(flat_);
  return *view;
}

}  // namespace barnabas::client
