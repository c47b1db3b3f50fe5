#include <fmt/format.h>
#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <limits>

#include "base/ensure.h"
#include "base/log.h"
#include "storage/batch_scan.h"
#include "storage/log.h"
#include "storage/log_file_names.h"
#include "storage/log_recovery.h"
#include "storage/segment_reader.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

namespace {

// A fixed share of segment.jitter.ms for each segment, so that not all roll at one time.
std::int64_t jitter_of(std::int64_t base_offset, const std::string& folder,
                       std::int64_t jitter_ms) {
  if (jitter_ms <= 0) {
    return 0;
  }
  const std::size_t hash =
      std::hash<std::string>{}(folder) * 31 + static_cast<std::size_t>(base_offset);
  return static_cast<std::int64_t>(hash % static_cast<std::size_t>(jitter_ms));
}

}  // namespace

result<bool> log::should_roll(const record::batch_header& first, std::int64_t pending_bytes,
                              std::int64_t bytes, std::int64_t last_offset, std::int64_t now_ms) {
  const segment& current = active();
  if (last_offset - current.base_offset > std::numeric_limits<std::int32_t>::max()) {
    return true;
  }
  const std::int64_t size_bytes = current.size_bytes + pending_bytes;
  if (size_bytes == 0) {
    return false;
  }
  if (size_bytes + bytes > config_->segment_bytes || writer_->is_index_full(*config_)) {
    return true;
  }
  const auto first_timestamp = writer_->first_timestamp(current);
  if (!first_timestamp) {
    return std::unexpected(first_timestamp.error());
  }
  const std::int64_t age_ms = *first_timestamp >= 0 && first.max_timestamp() >= 0
                                  ? first.max_timestamp() - *first_timestamp
                                  : now_ms - current.created_ms;
  const std::int64_t limit_ms = config_->max_segment_ms();
  const std::int64_t jitter_ms = std::min(config_->segment_jitter_ms, limit_ms);
  return age_ms > limit_ms - jitter_of(current.base_offset, folder_, jitter_ms);
}

result<> log::roll(std::int64_t now_ms) {
  return active().size_bytes == 0 ? result<>() : roll_to(log_end_offset_, now_ms);
}

result<> log::roll_to(std::int64_t base_offset, std::int64_t now_ms) {
  auto next = std::make_unique<segment_writer>(files_, folder_, base_offset);
  if (auto made = next->create(*config_); !made) {
    return made;
  }
  const bool is_replaced = active().size_bytes == 0;
  if (is_replaced && active().base_offset == base_offset) {
    writer_ = std::move(next);
    return {};
  }
  if (auto sealed = is_replaced ? result<>() : writer_->seal(active()); !sealed) {
    std::ignore = files_.remove(log_file_path(folder_, base_offset, suffix::log));
    return sealed;
  }
  if (is_replaced) {
    // An empty segment whose base offset is too far below what comes.
    for (const std::string& path : files_of(active())) {
      std::ignore = files_.remove(path);
    }
    segments_.pop_back();
  }
  segments_.push_back({.base_offset = base_offset, .created_ms = now_ms});
  writer_ = std::move(next);
  has_folder_changed_ = true;
  write_snapshot(base_offset);
  return {};
}

// Batches that will go to the active segment by one write, and what to do with the log's state
// afterwards.
class log::append_group {
 public:
  append_group(storage::log& log, std::int64_t now_ms)
      : log_(log), now_ms_(now_ms), next_offset_(log.log_end_offset_) {}

  std::int64_t next_offset() const { return next_offset_; }
  bool is_empty() const { return parts_.empty(); }

  // Takes whole batches in that have their offsets; rolls before them if they must begin a new
  // segment, which may write what was taken before. After an error nothing of them is in the group;
  // what was written stays written.
  result<append_info> take(bytes_view bytes, record::origin origin) {
    const auto first = record::batch_view::parse(bytes);
    ensure(first.has_value(), "appended batches were validated before");
    const auto last_offset = check_offsets(bytes);
    if (!last_offset) {
      return std::unexpected(last_offset.error());
    }
    if (auto ready = make_room(*first, static_cast<std::int64_t>(bytes.size()), *last_offset);
        !ready) {
      return std::unexpected(ready.error());
    }
    if (auto known = take_producers(bytes, origin); !known) {
      return std::unexpected(known.error());
    }
    parts_.push_back(bytes);
    bytes_ += static_cast<std::int64_t>(bytes.size());
    next_offset_ = *last_offset + 1;
    return append_info{.first_offset = first->base_offset(), .last_offset = *last_offset};
  }

  // Writes what was taken. After an error the log is as it was before that was taken.
  result<> write() {
    if (parts_.empty()) {
      return {};
    }
    const std::int64_t position = log_.active().size_bytes;
    if (auto written = log_.writer_->write(log_.active(), parts_, bytes_, *log_.config_);
        !written) {
      discard();
      return written;
    }
    note(position);
    log_.producers_.commit();
    log_.log_end_offset_ = next_offset_;
    log_.producers_.set_map_end_offset(next_offset_);
    reset(next_offset_);
    return {};
  }

  // Forgets what was taken and not written.
  void discard() {
    log_.producers_.roll_back(0, log_.log_end_offset_);
    reset(log_.log_end_offset_);
  }

 private:
  result<std::int64_t> check_offsets(bytes_view bytes) const {
    std::int64_t next = next_offset_;
    record::batches all(bytes);
    for (const record::batch_view batch : all) {
      if (batch.base_offset() < next || batch.last_offset() < batch.base_offset()) {
        return fail(error_code::corrupt_message,
                    fmt::format("a batch of offsets {} to {} after {}", batch.base_offset(),
                                batch.last_offset(), next - 1));
      }
      next = batch.next_offset();
    }
    ensure(!all.failure(), "appended batches are whole");
    return next - 1;
  }

  result<> make_room(const record::batch_header& first, std::int64_t bytes,
                     std::int64_t last_offset) {
    const auto must_roll = log_.should_roll(first, bytes_, bytes, last_offset, now_ms_);
    if (!must_roll) {
      return std::unexpected(must_roll.error());
    }
    const bool is_too_large =
        log_.active().size_bytes + bytes_ + bytes > std::numeric_limits<std::int32_t>::max();
    if (!*must_roll && !is_too_large) {
      return {};
    }
    if (auto written = write(); !written) {
      return written;
    }
    if (bytes > std::numeric_limits<std::int32_t>::max()) {
      return fail(error_code::record_list_too_large,
                  fmt::format("{} bytes are more than a segment holds", bytes));
    }
    return log_.roll_to(std::max(first.base_offset(), log_.log_end_offset_), now_ms_);
  }

  result<> take_producers(bytes_view bytes, record::origin origin) {
    const std::size_t mark = log_.producers_.mark();
    const std::size_t aborted_before = aborted_.size();
    record::batches all(bytes);
    for (const record::batch_view batch : all) {
      if (!batch.has_producer_id()) {
        continue;
      }
      auto taken = take_producer(batch, origin);
      if (!taken) {
        log_.producers_.roll_back(mark, next_offset_);
        aborted_.resize(aborted_before);
        return taken;
      }
    }
    return {};
  }

  result<> take_producer(record::batch_view batch, record::origin origin) {
    const auto update = batch.is_control() ? producer_update::of(batch) : producer_update(batch);
    if (!update) {
      return std::unexpected(update.error());
    }
    const auto ended = log_.producers_.update(*update, origin);
    if (!ended) {
      return std::unexpected(ended.error());
    }
    if (*ended) {
      if ((*ended)->is_aborted) {
        aborted_.push_back(
            {.producer_id = (*ended)->producer_id,
             .first_offset = (*ended)->first_offset,
             .last_offset = (*ended)->last_offset,
             .last_stable_offset = log_.producers_.last_stable_offset_after(**ended)});
      }
      log_.producers_.complete(**ended);
    }
    return {};
  }

  void note(std::int64_t position) {
    for (const bytes_view part : parts_) {
      record::batches all(part);
      for (const record::batch_view batch : all) {
        const scanned_batch written{.position = position,
                                    .size_bytes = static_cast<std::int64_t>(batch.size_bytes()),
                                    .base_offset = batch.base_offset(),
                                    .last_offset = batch.last_offset(),
                                    .max_timestamp = batch.max_timestamp(),
                                    .leader_epoch = batch.partition_leader_epoch(),
                                    .has_header = true};
        log_.writer_->note_batch(log_.active(), written, log_.config_->index_interval_bytes);
        log_.are_epochs_dirty_ |= log_.epochs_.assign(written.leader_epoch, written.base_offset);
        position = written.end_position();
      }
    }
    for (const transaction_index_entry& entry : aborted_) {
      log_.writer_->note_aborted(log_.active(), entry);
    }
    log_.writer_->spill_if_large();
  }

  void reset(std::int64_t next_offset) {
    parts_.clear();
    aborted_.clear();
    bytes_ = 0;
    next_offset_ = next_offset;
  }

  storage::log& log_;
  std::int64_t now_ms_;
  std::int64_t next_offset_;
  std::int64_t bytes_ = 0;
  boost::container::small_vector<bytes_view, 8> parts_;
  std::vector<transaction_index_entry> aborted_;
};

result<append_info> log::append_as_leader(mutable_bytes batches, std::int32_t leader_epoch,
                                          record::origin origin, std::int64_t now_ms) {
  leader_append one{.batches = batches, .origin = origin, .outcome = {}};
  append_as_leader(std::span(&one, 1), leader_epoch, now_ms);
  return std::move(one.outcome);
}

void log::append_as_leader(std::span<leader_append> appends, std::int32_t leader_epoch,
                           std::int64_t now_ms) {
  append_group group(*this, now_ms);
  // Of the first `count`, also duplicates of what was not written.
  const auto fail_unwritten = [&](std::size_t count, const error& why) {
    for (leader_append& one : appends.first(count)) {
      if (one.outcome && one.outcome->last_offset >= log_end_offset_) {
        one.outcome = std::unexpected(why);
      }
    }
  };
  for (std::size_t i = 0; i < appends.size(); ++i) {
    leader_append& one = appends[i];
    const auto first = record::batch_view::parse(one.batches);
    ensure(first.has_value(), "appended batches were validated before");
    const auto duplicate = one.origin == record::origin::client && first->has_producer_id()
                               ? producers_.find_duplicate(*first)
                               : std::nullopt;
    if (duplicate) {
      one.outcome = append_info{.first_offset = duplicate->first_offset(),
                                .last_offset = duplicate->last_offset,
                                .is_duplicate = true,
                                .duplicate_timestamp = duplicate->timestamp};
      continue;
    }
    record::assign_offsets(one.batches, group.next_offset(), leader_epoch);
    one.outcome = group.take(one.batches, one.origin);
    if (!one.outcome && group.is_empty()) {
      fail_unwritten(i, one.outcome.error());
    }
  }
  if (const auto written = group.write(); !written) {
    fail_unwritten(appends.size(), written.error());
  }
}

result<append_info> log::append_as_follower(bytes_view batches, std::int64_t now_ms) {
  append_group group(*this, now_ms);
  append_info info;
  record::batches all(batches);
  for (const record::batch_view batch : all) {
    if (info.first_offset < 0 && batch.base_offset() < log_end_offset_) {
      return fail(error_code::offset_out_of_range,
                  fmt::format("a batch at offset {} for a log that ends at {}", batch.base_offset(),
                              log_end_offset_));
    }
    const auto taken = group.take(batch.bytes(), record::origin::replication);
    if (!taken) {
      group.discard();
      return std::unexpected(taken.error());
    }
    info.first_offset = info.first_offset < 0 ? taken->first_offset : info.first_offset;
    info.last_offset = taken->last_offset;
  }
  if (all.failure() && all.failure()->what != record::parse_failure::kind::incomplete) {
    group.discard();
    return fail(all.failure()->why, "a batch from the leader: ");
  }
  const auto written = group.write();
  return written ? result<append_info>(info) : std::unexpected(written.error());
}

}  // namespace barnabas::storage
