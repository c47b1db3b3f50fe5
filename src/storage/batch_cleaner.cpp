#include "storage/batch_cleaner.h"

#include <fmt/format.h>

#include <algorithm>

#include "record/batch_builder.h"

namespace barnabas::storage {

namespace {

record::batch_settings settings_of(const record::batch_header& batch,
                                   std::optional<std::int64_t> horizon_ms) {
  record::batch_settings settings{
      .base_offset = batch.base_offset(),
      .partition_leader_epoch = batch.partition_leader_epoch(),
      .compression = {.type = batch.compression(),
                      .level = record::levels_of(batch.compression()).standard},
      .timestamp_type = batch.timestamp_type(),
      .producer_id = batch.producer_id(),
      .producer_epoch = batch.producer_epoch(),
      .base_sequence = batch.base_sequence(),
      .is_transactional = batch.is_transactional(),
      .is_control = batch.is_control(),
      .delete_horizon_ms = horizon_ms};
  if (batch.timestamp_type() == record::timestamp_type::log_append_time) {
    settings.max_timestamp = batch.max_timestamp();
  }
  return settings;
}

result<> check_crc(const record::batch_view& batch) {
  return batch.is_crc_valid()
             ? result<>()
             : fail(error_code::corrupt_message,
                    fmt::format("the CRC of the batch at {} is wrong", batch.base_offset()));
}

}  // namespace

result<> collect_keys(const record::batch_view& batch, const key_offsets& keys,
                      std::vector<keyed_record>& into) {
  into.clear();
  if (auto checked = check_crc(batch); !checked) {
    return checked;
  }
  record::record_reader reader(batch);
  while (true) {
    const auto next = reader.next();
    if (!next) {
      return std::unexpected(next.error());
    }
    if (!*next) {
      return {};
    }
    const record::record_view& record = **next;
    keyed_record& known = into.emplace_back(
        keyed_record{.offset = record.offset, .has_value = record.value.has_value()});
    if (record.key) {
      known.has_key = true;
      known.digest = keys.digest_of(*record.key);
      keys.prefetch(known.digest);
    }
  }
}

result<batch_cleaner::fate> batch_cleaner::judge(const record::batch_view& batch) {
  aborted_.reset();
  return batch.is_control() ? judge_marker(batch) : judge_data(batch);
}

bool batch_cleaner::must_stay(const record::batch_header& batch) const {
  if (batch.next_offset() == rules_.end_offset) {
    return true;
  }
  const auto known =
      batch.has_producer_id() ? rules_.producers.find(batch.producer_id()) : rules_.producers.end();
  if (known == rules_.producers.end()) {
    return false;
  }
  const producer_end& end = known->second;
  if (end.last_offset >= 0) {
    return batch.last_offset() == end.last_offset;
  }
  return end.is_sought ? !batch.is_control()
                       : batch.is_control() && batch.producer_epoch() == end.epoch;
}

batch_cleaner::fate batch_cleaner::empty_or_drop(const record::batch_header& batch) {
  if (!must_stay(batch)) {
    return fate::dropped;
  }
  if (batch.record_count() == 0) {
    return fate::kept;
  }
  auto settings = settings_of(batch, std::nullopt);
  settings.max_timestamp = batch.max_timestamp();
  rewritten_ = record::batch_builder(std::move(settings)).build(batch.last_offset());
  return fate::rewritten;
}

result<batch_cleaner::fate> batch_cleaner::judge_marker(const record::batch_view& batch) {
  if (auto checked = check_crc(batch); !checked) {
    return std::unexpected(checked.error());
  }
  const auto state = transactions_.take_marker(batch);
  if (!state) {
    return std::unexpected(state.error());
  }
  aborted_ = state->aborted;
  if (!state->is_obsolete) {
    return fate::kept;
  }
  const auto horizon_ms = batch.delete_horizon_ms();
  if (batch.record_count() == 0 || (horizon_ms && *horizon_ms <= rules_.now_ms)) {
    return empty_or_drop(batch);
  }
  if (horizon_ms) {
    return fate::kept;
  }
  stays_.assign(static_cast<std::size_t>(batch.record_count()), true);
  if (auto done = rewrite(batch, rules_.now_ms + rules_.delete_retention_ms); !done) {
    return std::unexpected(done.error());
  }
  return fate::rewritten;
}

bool batch_cleaner::is_retained(const keyed_record& record,
                                std::optional<std::int64_t> horizon_ms) const {
  if (record.offset > rules_.mapped_to) {
    return true;
  }
  if (!record.has_key || record.offset < rules_.keys.find(record.digest)) {
    return false;
  }
  return record.has_value || !horizon_ms || rules_.now_ms < *horizon_ms;
}

result<batch_cleaner::fate> batch_cleaner::judge_data(const record::batch_view& batch) {
  if (transactions_.is_aborted(batch)) {
    return empty_or_drop(batch);
  }
  if (batch.base_offset() > rules_.mapped_to) {
    return fate::kept;
  }
  if (auto read = collect_keys(batch, rules_.keys, records_); !read) {
    return std::unexpected(read.error());
  }
  const auto horizon_ms = batch.delete_horizon_ms();
  stays_.resize(records_.size());
  std::size_t count = 0;
  bool has_tombstones = false;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    stays_[i] = is_retained(records_[i], horizon_ms);
    count += stays_[i] ? 1 : 0;
    has_tombstones = has_tombstones || (stays_[i] && !records_[i].has_value);
  }
  if (count == 0) {
    return empty_or_drop(batch);
  }
  const bool needs_horizon = has_tombstones && !horizon_ms;
  if (count == records_.size() && !needs_horizon) {
    return fate::kept;
  }
  const auto new_horizon_ms =
      needs_horizon ? std::optional(rules_.now_ms + rules_.delete_retention_ms) : horizon_ms;
  if (auto done = rewrite(batch, new_horizon_ms); !done) {
    return std::unexpected(done.error());
  }
  return fate::rewritten;
}

result<> batch_cleaner::rewrite(const record::batch_view& batch,
                                std::optional<std::int64_t> horizon_ms) {
  record::batch_builder builder(settings_of(batch, horizon_ms));
  record::record_reader reader(batch);
  for (const bool stays : stays_) {
    const auto next = reader.next();
    if (!next) {
      return std::unexpected(next.error());
    }
    if (stays) {
      builder.append_at((*next)->offset, **next);
    }
  }
  rewritten_ = builder.build(batch.last_offset());
  return {};
}

}  // namespace barnabas::storage
