#include "storage/log_recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "storage/batch_scan.h"
#include "storage/log_file_names.h"

namespace barnabas::storage {

namespace {
constexpr std::size_t recovery_buffer_bytes = 128 << 10;
// A segment of less has nothing reserved behind its end.
constexpr std::int64_t trim_above_bytes = 1 << 20;
}  // namespace

std::size_t log_loader::first_dirty_segment() const {
  if (options_.had_clean_shutdown) {
    return log_.segments_.size();
  }
  // A segment that ends at the recovery point may have been rolled after the flush, and its indexes
  // lost.
  std::size_t first = 0;
  while (first + 1 < log_.segments_.size() &&
         log_.segments_[first + 1].base_offset < options_.recovery_point) {
    ++first;
  }
  return first;
}

result<> log_loader::recover_segments(std::size_t first) {
  next_offset_ = log_.segments_[first].base_offset;
  for (std::size_t i = first; i < log_.segments_.size(); ++i) {
    if (i > first) {
      log_.write_snapshot(log_.segments_[i].base_offset);
    }
    const auto is_whole = recover_segment(i);
    if (!is_whole) {
      return std::unexpected(is_whole.error());
    }
    if (!*is_whole) {
      if (auto removed = drop_segments_behind(i); !removed) {
        return removed;
      }
    }
  }
  log_.log_end_offset_ = next_offset_;
  log_.producers_.set_map_end_offset(next_offset_);
  if (log_.recovery_.cut_bytes > 0 || log_.recovery_.deleted_segments > 0) {
    barnabas::log(
        log_level::warn, "storage", "recovered a damaged log",
        {field("partition", partition_name(log_.folder_)), field("log_end_offset", next_offset_),
         field("cut_bytes", log_.recovery_.cut_bytes),
         field("deleted_segments", log_.recovery_.deleted_segments)});
  }
  return {};
}

result<bool> log_loader::recover_segment(std::size_t index) {
  segment& current = log_.segments_[index];
  auto writer = std::make_unique<segment_writer>(log_.files_, log_.folder_, current.base_offset);
  current.max_timestamp = record::no_timestamp;
  current.has_transaction_index = false;
  next_offset_ = current.base_offset;
  writer->restart();
  const auto file = writer->file();
  if (!file) {
    return std::unexpected(file.error());
  }
  const auto is_whole = take_batches(index, *writer, **file);
  if (!is_whole) {
    return is_whole;
  }
  const bool is_last = index + 1 == log_.segments_.size() || !*is_whole;
  if (!is_last) {
    if (auto sealed = writer->seal(current); !sealed) {
      return std::unexpected(sealed.error());
    }
    return true;
  }
  if (current.size_bytes > trim_above_bytes) {
    if (auto trimmed = writer->trim(current); !trimmed) {
      return std::unexpected(trimmed.error());
    }
  }
  log_.writer_ = std::move(writer);
  return is_whole;
}

result<bool> log_loader::take_batches(std::size_t index, segment_writer& writer,
                                      runtime::file& file) {
  segment& current = log_.segments_[index];
  const std::int64_t end_offset = index + 1 < log_.segments_.size()
                                      ? log_.segments_[index + 1].base_offset
                                      : std::numeric_limits<std::int64_t>::max();
  const auto buffer_bytes = static_cast<std::size_t>(std::clamp<std::int64_t>(
      current.size_bytes, record::batch_header_bytes, recovery_buffer_bytes));
  batch_scan scan(file, 0, current.size_bytes, {.buffer_bytes = buffer_bytes});
  while (true) {
    const auto step = scan.next();
    if (!step) {
      return std::unexpected(step.error());
    }
    if (*step == batch_scan::step::end) {
      return !is_hole(index, end_offset);
    }
    auto damage = *step == batch_scan::step::broken
                      ? result<std::optional<std::string>>(scan.reason())
                      : judge(scan, current.base_offset, end_offset);
    if (!damage) {
      return std::unexpected(damage.error());
    }
    if (*damage) {
      auto done = cut(index, scan.position(), **damage);
      return done ? result<bool>(false) : std::unexpected(done.error());
    }
    if (auto taken = take_producer(scan, writer, current); !taken) {
      return std::unexpected(taken.error());
    }
    const scanned_batch& batch = scan.current();
    writer.note_batch(current, batch, log_.config_->index_interval_bytes);
    writer.spill_if_large();
    log_.epochs_.assign(batch.leader_epoch, batch.base_offset);
    last_epoch_ = std::max(last_epoch_, batch.leader_epoch);
    next_offset_ = batch.last_offset + 1;
  }
}

bool log_loader::is_gap(std::int64_t offset) const {
  // Only compaction takes records out; else the disk lost them, and what is behind them follows on
  // nothing.
  return next_offset_ < offset && offset > checked_from_ && !log_.config_->is_cleanup_compact &&
         !options_.may_be_compacted;
}

bool log_loader::is_hole(std::size_t index, std::int64_t end_offset) const {
  const bool is_hole = index + 1 < log_.segments_.size() && is_gap(end_offset);
  if (is_hole) {
    barnabas::log(log_level::warn, "storage",
                  "records are missing between two segments; those behind are dropped",
                  {field("partition", partition_name(log_.folder_)), field("offset", next_offset_),
                   field("next_segment", end_offset)});
  }
  return is_hole;
}

result<std::optional<std::string>> log_loader::judge(batch_scan& scan, std::int64_t segment_base,
                                                     std::int64_t end_offset) {
  const scanned_batch& batch = scan.current();
  // A batch's CRC does not cover its offset, and what an index can say bounds it.
  const bool is_far = batch.last_offset - segment_base > std::numeric_limits<std::int32_t>::max();
  if (batch.base_offset < next_offset_ || batch.last_offset < batch.base_offset || is_far) {
    return fmt::format("offsets {} to {} after {}", batch.base_offset, batch.last_offset,
                       next_offset_ - 1);
  }
  if (batch.last_offset >= end_offset) {
    return fmt::format("offset {} belongs to the next segment at {}", batch.last_offset,
                       end_offset);
  }
  if (batch.leader_epoch < last_epoch_ && batch.leader_epoch != record::no_leader_epoch) {
    return fmt::format("leader epoch {} after {}", batch.leader_epoch, last_epoch_);
  }
  if (batch.last_offset < checked_from_) {
    return std::nullopt;
  }
  log_.recovery_.checked_bytes += batch.size_bytes;
  const auto is_valid = scan.is_crc_valid();
  if (!is_valid) {
    return std::unexpected(is_valid.error());
  }
  return *is_valid ? std::nullopt : std::optional<std::string>("wrong CRC");
}

result<> log_loader::take_producer(batch_scan& scan, segment_writer& writer, segment& segment) {
  const auto taken = log_.take_producer(scan);
  if (!taken) {
    return std::unexpected(taken.error());
  }
  if (*taken && (*taken)->is_aborted) {
    writer.note_aborted(segment,
                        {.producer_id = (*taken)->producer_id,
                         .first_offset = (*taken)->first_offset,
                         .last_offset = (*taken)->last_offset,
                         .last_stable_offset = log_.producers_.last_stable_offset_after(**taken)});
  }
  return {};
}

result<> log_loader::cut(std::size_t index, std::int64_t position, const std::string& reason) {
  segment& damaged = log_.segments_[index];
  const std::int64_t cut_bytes = damaged.size_bytes - position;
  barnabas::log(log_level::warn, "storage", "cut the end of a log that was not written whole",
                {field("partition", partition_name(log_.folder_)), field("offset", next_offset_),
                 field("segment", damaged.base_offset), field("position", position),
                 field("cut_bytes", cut_bytes), field("reason", reason)});
  const auto file = log_.files_.open(log_file_path(log_.folder_, damaged.base_offset, suffix::log),
                                     runtime::open_mode::read_write);
  if (!file) {
    return std::unexpected(file.error());
  }
  if (auto done = (*file)->truncate(position); !done) {
    return done;
  }
  damaged.size_bytes = position;
  log_.recovery_.cut_bytes += cut_bytes;
  return {};
}

result<> log_loader::drop_segments_behind(std::size_t index) {
  if (index + 1 == log_.segments_.size()) {
    return {};
  }
  for (std::size_t i = index + 1; i < log_.segments_.size(); ++i) {
    log_.recovery_.cut_bytes += log_.segments_[i].size_bytes;
    ++log_.recovery_.deleted_segments;
  }
  return log_.remove_segments_behind(index);
}

}  // namespace barnabas::storage
