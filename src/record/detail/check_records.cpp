#include "record/detail/check_records.h"

#include <fmt/format.h>

#include <algorithm>

#include "record/batch_builder.h"
#include "record/detail/plain_records.h"

namespace barnabas::record::detail {
namespace {

bool is_too_old(std::int64_t timestamp, const validation_limits& limits, std::int64_t now_ms) {
  return limits.before_max_ms != no_time_limit && timestamp < now_ms - limits.before_max_ms;
}

// Gathers what is wrong with records, each with its own message, and sums it up in the rejection's.
class record_errors {
 public:
  void add(error_code code, std::int32_t index, std::string message) {
    // As in Kafka, one wrong timestamp decides the code of them all.
    if (list_.empty() || code == error_code::invalid_timestamp) {
      code_ = code;
    }
    if (list_.size() < max_record_errors) {
      list_.push_back({index, std::move(message)});
    }
    ++count_;
  }
  bool empty() const { return list_.empty(); }
  rejection take() {
    std::string message = fmt::format("{} records refused, the first is record {}: {}", count_,
                                      list_.front().batch_index, list_.front().message);
    return {{code_, std::move(message)}, std::move(list_)};
  }

 private:
  error_code code_ = error_code::invalid_record;
  std::size_t count_ = 0;
  std::vector<record_error> list_;
};

void check_record(const record_view& record, std::int32_t index, const validation_limits& limits,
                  std::int64_t now_ms, record_errors& errors) {
  if (limits.is_compacted && !record.key) {
    errors.add(error_code::invalid_record, index, "a record of a compacted topic needs a key");
    return;
  }
  if (limits.timestamp_type != timestamp_type::create_time || record.timestamp == no_timestamp) {
    return;
  }
  if (is_too_new(record.timestamp, limits, now_ms)) {
    errors.add(error_code::invalid_timestamp, index,
               fmt::format("timestamp {} is more than {} ms after the broker's time {}",
                           record.timestamp, limits.after_max_ms, now_ms));
  } else if (is_too_old(record.timestamp, limits, now_ms)) {
    errors.add(error_code::invalid_timestamp, index,
               fmt::format("timestamp {} is more than {} ms before the broker's time {}",
                           record.timestamp, limits.before_max_ms, now_ms));
  }
}

batch_settings settings_of_replacement(batch_view batch, const validation_limits& limits,
                                       std::int64_t now_ms) {
  const bool is_append_time = limits.timestamp_type == timestamp_type::log_append_time;
  return {.base_offset = batch.base_offset(),
          .partition_leader_epoch = batch.partition_leader_epoch(),
          .compression = *limits.compression,
          .timestamp_type = limits.timestamp_type,
          .max_timestamp = is_append_time ? std::optional(now_ms) : std::nullopt,
          .producer_id = batch.producer_id(),
          .producer_epoch = batch.producer_epoch(),
          .base_sequence = batch.base_sequence(),
          .is_transactional = batch.is_transactional(),
          .is_control = batch.is_control()};
}

// The largest timestamp when a quick look is enough to find everything right.
std::optional<std::int64_t> glance(batch_view batch, const validation_limits& limits,
                                   std::int64_t now_ms) {
  if (limits.origin != origin::client || batch.compression() != compression_type::none ||
      batch.timestamp_type() != timestamp_type::create_time ||
      batch.size_bytes() > limits.reading.max_record_bytes) {
    return std::nullopt;
  }
  const auto found = read_plain_records(batch, limits.is_compacted);
  if (!found || is_too_new(found->largest_timestamp, limits, now_ms) ||
      is_too_old(found->smallest_timestamp, limits, now_ms)) {
    return std::nullopt;
  }
  return std::max(found->largest_timestamp, no_timestamp);
}

rejection too_large(const validation_limits& limits) {
  return {{error_code::message_too_large,
           fmt::format("with compression {} the batch is over max.message.bytes={}",
                       to_text(limits.compression->type), limits.max_message_bytes)},
          {}};
}

}  // namespace

bool is_too_new(std::int64_t timestamp, const validation_limits& limits, std::int64_t now_ms) {
  return timestamp > now_ms && timestamp - now_ms > limits.after_max_ms;
}

std::expected<checked_records, rejection> check_records(batch_view batch,
                                                        const validation_limits& limits,
                                                        std::int64_t now_ms, bool is_recompressed) {
  if (!is_recompressed) {
    if (const auto largest = glance(batch, limits, now_ms)) {
      return checked_records{.max_timestamp = *largest};
    }
  }
  const auto rule = limits.origin == origin::client ? record_reader::offsets::consecutive
                                                    : record_reader::offsets::growing;
  record_reader reader(batch, rule, limits.reading);
  std::optional<batch_builder> builder;
  if (is_recompressed) {
    builder.emplace(settings_of_replacement(batch, limits, now_ms));
  }
  checked_records checked;
  record_errors errors;
  while (true) {
    auto record = reader.next();
    if (!record) {
      return std::unexpected(rejection{std::move(record.error()), {}});
    }
    if (!*record) {
      break;
    }
    check_record(**record, reader.records_read() - 1, limits, now_ms, errors);
    checked.max_timestamp = std::max(checked.max_timestamp, (*record)->timestamp);
    if (builder && errors.empty()) {
      builder->append_at((*record)->offset, **record);
      if (builder->written_bytes() > limits.max_message_bytes) {
        return std::unexpected(too_large(limits));
      }
    }
  }
  if (!errors.empty()) {
    return std::unexpected(errors.take());
  }
  if (builder) {
    checked.replacement = builder->build(batch.last_offset());
    if (checked.replacement->size() > limits.max_message_bytes) {
      return std::unexpected(too_large(limits));
    }
  }
  return checked;
}

}  // namespace barnabas::record::detail
