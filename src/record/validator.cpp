#include "record/validator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crc32c.h"
#include "record/detail/check_records.h"

namespace barnabas::record {
namespace {

using outcome = std::expected<void, rejection>;

std::unexpected<rejection> reject(error_code code, std::string message) {
  return std::unexpected(rejection{{code, std::move(message)}, {}});
}

bool is_from_client(const validation_limits& limits) {
  return limits.origin == origin::client;
}

// Why parsing failed is told only of bytes that are as they were sent: a wrong CRC comes first, for
// its error lets the producer try again.
std::unexpected<rejection> reject_unparsed(bytes_view bytes, const parse_failure& failure,
                                           const validation_limits& limits) {
  if (failure.what == parse_failure::kind::old_format) {
    return reject(is_from_client(limits) ? error_code::invalid_record
                                         : error_code::unsupported_for_message_format,
                  failure.why.message);
  }
  const auto entry = frame::parse(bytes);
  if (entry && failure.what == parse_failure::kind::corrupt && entry->size_bytes <= bytes.size()) {
    const bytes_view body = bytes.first(entry->size_bytes).subspan(crc_begin);
    if (crc32c(body) != load_big_endian<std::uint32_t>(bytes.data() + at::crc)) {
      return reject(error_code::corrupt_message, "the CRC does not match");
    }
  }
  return reject(failure.why.code, failure.why.message);
}

// What only a producer can get wrong.
outcome check_client_batch(batch_view batch, const validation_limits& limits) {
  if (batch.base_offset() != 0) {
    return reject(
        error_code::invalid_record,
        fmt::format("base offset {} of a producer's batch is not 0", batch.base_offset()));
  }
  if (batch.record_count() == 0 || batch.record_count() - 1 != batch.last_offset_delta()) {
    return reject(error_code::invalid_record,
                  fmt::format("record count {} with last offset delta {}", batch.record_count(),
                              batch.last_offset_delta()));
  }
  if (batch.is_control()) {
    return reject(error_code::invalid_record, "a producer may not write control records");
  }
  if (batch.has_producer_id() && batch.base_sequence() < 0) {
    return reject(
        error_code::invalid_record,
        fmt::format("base sequence {} of producer {}", batch.base_sequence(), batch.producer_id()));
  }
  if (batch.is_transactional() && !batch.has_producer_id()) {
    return reject(error_code::invalid_record, "a transactional batch without a producer id");
  }
  if (batch.compression() == compression_type::zstd && !limits.is_zstd_allowed) {
    return reject(error_code::unsupported_compression_type,
                  "zstd needs version 7 of the produce request");
  }
  return {};
}

outcome check_header(batch_view batch, const validation_limits& limits) {
  if (batch.size_bytes() > limits.max_message_bytes && limits.origin != origin::replication) {
    return reject(error_code::message_too_large,
                  fmt::format("a batch of {} bytes is over max.message.bytes={}",
                              batch.size_bytes(), limits.max_message_bytes));
  }
  if (!batch.is_crc_valid()) {
    return reject(error_code::corrupt_message, "the CRC does not match");
  }
  if (is_from_client(limits)) {
    if (auto checked = check_client_batch(batch, limits); !checked) {
      return checked;
    }
  }
  if (limits.timestamp_type == timestamp_type::log_append_time &&
      batch.timestamp_type() == timestamp_type::log_append_time &&
      limits.origin != origin::replication) {
    return reject(error_code::invalid_timestamp,
                  "a producer may not set the timestamp type to log append time");
  }
  return {};
}

bool is_recompressed(batch_view batch, const validation_limits& limits) {
  const bool stays = batch.is_control() && batch.compression() == compression_type::none;
  return limits.compression && limits.compression->type != batch.compression() && !stays;
}

bool must_read_records(batch_view batch, const validation_limits& limits, std::int64_t now_ms) {
  if (limits.always_read_records || limits.is_compacted || is_recompressed(batch, limits)) {
    return true;
  }
  if (limits.timestamp_type != timestamp_type::create_time) {
    return false;
  }
  return limits.before_max_ms != no_time_limit ||
         detail::is_too_new(batch.max_timestamp(), limits, now_ms) ||
         detail::is_too_new(batch.base_timestamp(), limits, now_ms);
}

// Reads, rewrites or only stamps the batch; `total` learns of it. What a leader sent stays as it
// is.
outcome apply_topic_rules(mutable_batch batch, const validation_limits& limits, std::int64_t now_ms,
                          validated& total) {
  std::int64_t max_timestamp = batch.max_timestamp();
  if (must_read_records(batch, limits, now_ms)) {
    auto checked = detail::check_records(batch, limits, now_ms, is_recompressed(batch, limits));
    if (!checked) {
      return std::unexpected(std::move(checked.error()));
    }
    if (checked->replacement) {
      total.replacement = std::move(checked->replacement);
      return {};
    }
    max_timestamp = checked->max_timestamp;
  }
  const bool is_append_time = limits.timestamp_type == timestamp_type::log_append_time;
  total.is_changed |=
      batch.set_max_timestamp(limits.timestamp_type, is_append_time ? now_ms : max_timestamp);
  return {};
}

// `batch` as it came, `stored` as it will be appended.
void add_to_total(batch_view batch, batch_view stored, validated& total) {
  if (total.batch_count == 0) {
    total.producer_id = batch.producer_id();
    total.producer_epoch = batch.producer_epoch();
    total.base_sequence = batch.base_sequence();
    total.last_sequence = batch.last_sequence();
    total.is_transactional = batch.is_transactional();
    total.is_control = batch.is_control();
  }
  ++total.batch_count;
  total.offset_count += std::int64_t{batch.last_offset_delta()} + 1;
  total.source_compression = batch.compression();
  if (stored.max_timestamp() > total.max_timestamp) {
    total.max_timestamp = stored.max_timestamp();
    total.offset_delta_of_max_timestamp = total.offset_count - 1;
  }
}

outcome check_batch(mutable_batch batch, const validation_limits& limits, std::int64_t now_ms,
                    validated& total) {
  if (auto checked = check_header(batch, limits); !checked) {
    return checked;
  }
  if (limits.origin == origin::replication) {
    add_to_total(batch, batch, total);
    return {};
  }
  if (auto applied = apply_topic_rules(batch, limits, now_ms, total); !applied) {
    return applied;
  }
  add_to_total(batch, total.replacement ? *batch_view::parse(*total.replacement) : batch, total);
  return {};
}

}  // namespace

std::expected<validated, rejection> validate(mutable_bytes batches, const validation_limits& limits,
                                             std::int64_t now_ms) {
  validated total;
  const std::size_t sent_bytes = batches.size();
  if (batches.empty()) {
    return reject(error_code::invalid_record, "there is no record batch");
  }
  while (!batches.empty()) {
    const auto batch = mutable_batch::parse(batches);
    if (!batch) {
      return reject_unparsed(batches, batch.error(), limits);
    }
    const std::size_t rest = batches.size() - batch->size_bytes();
    if (rest > 0 && is_from_client(limits)) {
      return reject(error_code::invalid_record,
                    fmt::format("{} bytes follow the one batch of a partition", rest));
    }
    if (auto checked = check_batch(*batch, limits, now_ms, total); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
    batches = batches.subspan(batch->size_bytes());
  }
  if (total.replacement && total.batch_count > 1) {
    return reject(error_code::invalid_record, "only a single batch can be compressed anew");
  }
  const std::size_t stored_bytes = total.replacement ? total.replacement->size() : sent_bytes;
  if (stored_bytes > limits.max_total_bytes) {
    return reject(
        error_code::record_list_too_large,
        fmt::format("{} bytes are over segment.bytes={}", stored_bytes, limits.max_total_bytes));
  }
  if (limits.timestamp_type == timestamp_type::log_append_time &&
      limits.origin != origin::replication) {
    total.log_append_time_ms = now_ms;
  }
  return total;
}

}  // namespace barnabas::record
