#include "record/batch_view.h"

#include <fmt/format.h>

#include <limits>

#include "base/crc32c.h"
#include "base/ensure.h"

namespace barnabas::record {
namespace {

// What `length` is at least, by magic: an empty message of magic 0, one of magic 1, a batch without
// records.
constexpr std::int32_t smallest_length[] = {14, 22, batch_header_bytes - length_prefix_bytes};

std::unexpected<parse_failure> incomplete(std::size_t have, std::size_t need) {
  return std::unexpected(parse_failure{
      parse_failure::kind::incomplete,
      {error_code::invalid_record, fmt::format("{} bytes of a record batch's {}", have, need)},
      need});
}

std::unexpected<parse_failure> corrupt(error_code code, std::string what) {
  return std::unexpected(parse_failure{parse_failure::kind::corrupt, {code, std::move(what)}});
}

// What batch_view.h promises of fields which later code calculates with.
std::optional<parse_failure> check_fields(const std::byte* begin) {
  const auto base_offset = load_big_endian<std::int64_t>(begin + at::base_offset);
  const auto last_delta = load_big_endian<std::int32_t>(begin + at::last_offset_delta);
  const auto count = load_big_endian<std::int32_t>(begin + at::record_count);
  const int compression =
      load_big_endian<std::int16_t>(begin + at::attributes) & attribute::compression_mask;
  if (base_offset < 0) {
    return corrupt(error_code::invalid_record,
                   fmt::format("base offset {} is negative", base_offset))
        .error();
  }
  if (last_delta < 0 || base_offset > std::numeric_limits<std::int64_t>::max() - 1 - last_delta) {
    return corrupt(error_code::invalid_record,
                   fmt::format("last offset delta {} with base offset {}", last_delta, base_offset))
        .error();
  }
  if (count < 0) {
    return corrupt(error_code::invalid_record, fmt::format("record count {} is negative", count))
        .error();
  }
  if (compression > last_compression_type) {
    return corrupt(error_code::unsupported_compression_type,
                   fmt::format("compression type {} does not exist", compression))
        .error();
  }
  return std::nullopt;
}

}  // namespace

parsed<frame> frame::parse(bytes_view bytes) {
  if (bytes.size() < header_bytes) {
    return incomplete(bytes.size(), header_bytes);
  }
  const auto length = load_big_endian<std::int32_t>(bytes.data() + at::length);
  const auto magic = load_big_endian<std::int8_t>(bytes.data() + at::magic);
  if (length < smallest_length[0]) {
    return corrupt(error_code::corrupt_message,
                   fmt::format("length {} is less than any entry's", length));
  }
  if (magic < 0 || magic > current_magic) {
    return corrupt(error_code::corrupt_message, fmt::format("magic {} is not 0, 1 or 2", magic));
  }
  if (length < smallest_length[magic]) {
    return corrupt(error_code::corrupt_message,
                   fmt::format("length {} is less than {}, the smallest of magic {}", length,
                               smallest_length[magic], magic));
  }
  return frame{.offset = load_big_endian<std::int64_t>(bytes.data() + at::base_offset),
               .size_bytes = length_prefix_bytes + static_cast<std::size_t>(length),
               .magic = magic};
}

parsed<batch_header> batch_header::parse(bytes_view bytes) {
  const auto entry = frame::parse(bytes);
  if (!entry) {
    return std::unexpected(entry.error());
  }
  if (entry->magic < current_magic) {
    return std::unexpected(parse_failure{
        parse_failure::kind::old_format,
        {error_code::unsupported_for_message_format,
         fmt::format("magic {}: the message format before Kafka 0.11", entry->magic)}});
  }
  if (bytes.size() < batch_header_bytes) {
    return incomplete(bytes.size(), batch_header_bytes);
  }
  if (auto failure = check_fields(bytes.data())) {
    return std::unexpected(*std::move(failure));
  }
  return batch_header(bytes.data());
}

parsed<batch_view> batch_view::parse(bytes_view bytes) {
  const auto header = batch_header::parse(bytes);
  if (!header) {
    return std::unexpected(header.error());
  }
  if (header->size_bytes() > bytes.size()) {
    return incomplete(bytes.size(), header->size_bytes());
  }
  return batch_view(bytes.data());
}

std::uint32_t batch_view::computed_crc() const {
  return crc32c(bytes().subspan(crc_begin));
}

parsed<mutable_batch> mutable_batch::parse(mutable_bytes bytes) {
  const auto view = batch_view::parse(bytes);
  if (!view) {
    return std::unexpected(view.error());
  }
  return mutable_batch(bytes.data());
}

bool mutable_batch::set_max_timestamp(record::timestamp_type type, std::int64_t max_timestamp) {
  if (type == timestamp_type() && max_timestamp == this->max_timestamp()) {
    return false;
  }
  const int without_type = attributes() & ~attribute::log_append_time;
  const int type_bit =
      type == record::timestamp_type::log_append_time ? attribute::log_append_time : 0;
  store(at::attributes, static_cast<std::int16_t>(without_type | type_bit));
  store(at::max_timestamp, max_timestamp);
  store(at::crc, computed_crc());
  return true;
}

std::optional<batch_view> batches::next() {
  if (failure_ || position_ == bytes_.size()) {
    return std::nullopt;
  }
  auto batch = batch_view::parse(bytes_.subspan(position_));
  if (!batch) {
    failure_ = std::move(batch.error());
    return std::nullopt;
  }
  position_ += batch->size_bytes();
  return *batch;
}

std::int64_t assign_offsets(mutable_bytes whole_batches, std::int64_t base_offset,
                            std::int32_t leader_epoch) {
  while (!whole_batches.empty()) {
    auto batch = mutable_batch::parse(whole_batches);
    ensure(batch.has_value(), "offsets are assigned to validated batches only");
    batch->set_base_offset(base_offset);
    batch->set_partition_leader_epoch(leader_epoch);
    base_offset = batch->next_offset();
    whole_batches = whole_batches.subspan(batch->size_bytes());
  }
  return base_offset;
}

}  // namespace barnabas::record
