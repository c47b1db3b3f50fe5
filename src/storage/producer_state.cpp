#include "storage/producer_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"
#include "record/record_reader.h"

namespace barnabas::storage {

namespace {

bool is_next(std::int32_t last, std::int32_t next) {
  return next == static_cast<std::int64_t>(last) + 1 ||
         (next == 0 && last == std::numeric_limits<std::int32_t>::max());
}

}  // namespace

std::int32_t producer_batch::first_sequence() const {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(last_sequence - offset_delta) &
                                   0x7fffffffU);
}

std::int32_t producer_entry::last_sequence() const {
  return batch_count == 0 ? record::no_sequence : batches[batch_count - 1U].last_sequence;
}

std::int64_t producer_entry::last_offset() const {
  return batch_count == 0 ? -1 : batches[batch_count - 1U].last_offset;
}

void producer_entry::add(const producer_batch& batch) {
  if (batch_count == batches_kept) {
    std::shift_left(batches.begin(), batches.end(), 1);
    --batch_count;
  }
  batches[batch_count++] = batch;
}

producer_update::producer_update(const record::batch_header& batch)
    : producer_id(batch.producer_id()),
      base_offset(batch.base_offset()),
      last_offset(batch.last_offset()),
      max_timestamp(batch.max_timestamp()),
      base_sequence(batch.base_sequence()),
      last_sequence(batch.last_sequence()),
      epoch(batch.producer_epoch()),
      is_transactional(batch.is_transactional()),
      is_control(batch.is_control()) {}

result<producer_update> producer_update::of(record::batch_view batch) {
  producer_update update(batch);
  if (!update.is_control || batch.record_count() == 0) {
    return update;
  }
  record::record_reader reader(batch);
  const auto record = reader.next();
  if (!record) {
    return std::unexpected(record.error());
  }
  const auto type = *record ? record::control_type_of(**record)
                            : result<record::control_type>(record::control_type::unknown);
  if (!type) {
    return std::unexpected(type.error());
  }
  if (*type == record::control_type::abort || *type == record::control_type::commit) {
    const auto marker = record::parse_transaction_marker(**record);
    if (!marker) {
      return std::unexpected(marker.error());
    }
    update.marker = *marker;
  }
  return update;
}

std::optional<producer_batch> producer_state::find_duplicate(
    const record::batch_header& batch) const {
  const producer_entry* entry = find(batch.producer_id());
  if (entry == nullptr || entry->epoch != batch.producer_epoch()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < entry->batch_count; ++i) {
    const producer_batch& known = entry->batches[i];
    if (known.last_sequence == batch.last_sequence() &&
        known.first_sequence() == batch.base_sequence()) {
      return known;
    }
  }
  return std::nullopt;
}

result<> producer_state::check_sequence(const producer_update& batch, const producer_entry& known) {
  if (batch.epoch != known.epoch) {
    if (batch.base_sequence != 0) {
      return fail(error_code::out_of_order_sequence_number,
                  fmt::format("producer {} begins epoch {} with sequence {}, not 0 (last epoch {})",
                              batch.producer_id, batch.epoch, batch.base_sequence, known.epoch));
    }
    return {};
  }
  if (!is_next(known.last_sequence(), batch.base_sequence)) {
    return fail(error_code::out_of_order_sequence_number,
                fmt::format("producer {} epoch {} sent sequence {} after {}", batch.producer_id,
                            batch.epoch, batch.base_sequence, known.last_sequence()));
  }
  return {};
}

result<> producer_state::check(const producer_update& batch, record::origin origin,
                               const producer_entry& known) {
  if (origin == record::origin::replication) {
    return {};
  }
  if (batch.epoch < known.epoch) {
    return fail(error_code::invalid_producer_epoch,
                fmt::format("producer {} epoch {} is older than {}", batch.producer_id, batch.epoch,
                            known.epoch));
  }
  if (batch.marker) {
    if (batch.marker->coordinator_epoch < known.coordinator_epoch) {
      return fail(
          error_code::transaction_coordinator_fenced,
          fmt::format("producer {}: coordinator epoch {} is older than {}", batch.producer_id,
                      batch.marker->coordinator_epoch, known.coordinator_epoch));
    }
    return {};
  }
  if (known.transaction_first_offset != producer_entry::no_transaction && !batch.is_transactional) {
    return fail(error_code::invalid_txn_state,
                fmt::format("producer {} wrote outside of its transaction", batch.producer_id));
  }
  // Coordinators do not number what they write.
  return origin == record::origin::client ? check_sequence(batch, known) : result<>();
}

result<std::optional<completed_transaction>> producer_state::update(const producer_update& batch,
                                                                    record::origin origin) {
  if (batch.producer_id == record::no_producer_id || (batch.is_control && !batch.marker)) {
    return std::nullopt;
  }
  const auto known = producers_.find(batch.producer_id);
  if (known != producers_.end()) {
    if (const auto checked = check(batch, origin, known->second); !checked) {
      return std::unexpected(checked.error());
    }
  }
  undo_.push_back(
      {batch.producer_id, known == producers_.end() ? std::nullopt : std::optional(known->second)});
  producer_entry& entry = known == producers_.end() ? producers_[batch.producer_id] : known->second;
  if (entry.epoch != batch.epoch) {
    entry.epoch = batch.epoch;
    entry.batch_count = 0;
  }
  entry.last_timestamp = batch.max_timestamp;
  if (batch.marker) {
    return end_transaction(batch, entry);
  }
  add_data(batch, entry);
  return std::nullopt;
}

std::optional<completed_transaction> producer_state::end_transaction(const producer_update& batch,
                                                                     producer_entry& entry) {
  entry.coordinator_epoch = batch.marker->coordinator_epoch;
  const std::int64_t first_offset =
      std::exchange(entry.transaction_first_offset, producer_entry::no_transaction);
  if (first_offset == producer_entry::no_transaction) {
    return std::nullopt;  // an empty transaction
  }
  return completed_transaction{.producer_id = batch.producer_id,
                               .first_offset = first_offset,
                               .last_offset = batch.last_offset,
                               .is_aborted = batch.marker->type == record::control_type::abort};
}

void producer_state::add_data(const producer_update& batch, producer_entry& entry) {
  entry.add({.last_offset = batch.last_offset,
             .timestamp = batch.max_timestamp,
             .last_sequence = batch.last_sequence,
             .offset_delta = static_cast<std::int32_t>(batch.last_offset - batch.base_offset)});
  if (batch.is_transactional && entry.transaction_first_offset == producer_entry::no_transaction) {
    entry.transaction_first_offset = batch.base_offset;
    open_.emplace_back(batch.base_offset, batch.producer_id);
  }
}

std::int64_t producer_state::last_stable_offset_after(
    const completed_transaction& transaction) const {
  for (const auto& [first_offset, producer_id] : open_) {
    if (producer_id != transaction.producer_id) {
      return first_offset;
    }
  }
  return transaction.last_offset + 1;
}

void producer_state::complete(const completed_transaction& transaction) {
  const auto open = std::ranges::lower_bound(open_, transaction.first_offset, {},
                                             &std::pair<std::int64_t, std::int64_t>::first);
  ensure(open != open_.end() && open->first == transaction.first_offset,
         "a transaction that ends was open");
  open_.erase(open);
  unreplicated_.push_back(transaction);
}

void producer_state::roll_back(std::size_t mark, std::int64_t first_offset) {
  while (undo_.size() > mark) {
    const undo_entry& undo = undo_.back();
    if (undo.before) {
      producers_[undo.producer_id] = *undo.before;
    } else {
      producers_.erase(undo.producer_id);
    }
    undo_.pop_back();
  }
  std::erase_if(unreplicated_, [&](const completed_transaction& done) {
    return done.last_offset >= first_offset;
  });
  open_.clear();
  for (const auto& [producer_id, entry] : producers_) {
    if (entry.transaction_first_offset != producer_entry::no_transaction) {
      open_.emplace_back(entry.transaction_first_offset, producer_id);
    }
  }
  std::ranges::sort(open_);
}

std::optional<std::int64_t> producer_state::first_unstable_offset(
    std::int64_t high_watermark) const {
  std::optional<std::int64_t> first;
  if (!open_.empty()) {
    first = open_.front().first;
  }
  for (const completed_transaction& done : unreplicated_) {
    if (done.last_offset >= high_watermark) {
      first = std::min(first.value_or(done.first_offset), done.first_offset);
    }
  }
  return first;
}

void producer_state::advance_high_watermark(std::int64_t high_watermark) {
  if (!unreplicated_.empty()) {
    std::erase_if(unreplicated_, [&](const completed_transaction& done) {
      return done.last_offset < high_watermark;
    });
  }
}

void producer_state::remove_expired(std::int64_t now_ms, std::int64_t expiration_ms) {
  std::erase_if(producers_, [&](const auto& known) {
    return known.second.transaction_first_offset == producer_entry::no_transaction &&
           now_ms - known.second.last_timestamp >= expiration_ms;
  });
}

const producer_entry* producer_state::find(std::int64_t producer_id) const {
  const auto found = producers_.find(producer_id);
  return found == producers_.end() ? nullptr : &found->second;
}

void producer_state::load(std::int64_t producer_id, const producer_entry& entry) {
  producers_[producer_id] = entry;
  if (entry.transaction_first_offset != producer_entry::no_transaction) {
    const std::pair open(entry.transaction_first_offset, producer_id);
    open_.insert(std::ranges::upper_bound(open_, open), open);
  }
}

void producer_state::clear(std::int64_t map_end_offset) {
  *this = producer_state();
  map_end_offset_ = map_end_offset;
}

void producer_state::shrink() {
  open_.shrink_to_fit();
  unreplicated_.shrink_to_fit();
  undo_.shrink_to_fit();
}

}  // namespace barnabas::storage
