#include "storage/log.h"

#include <algorithm>
#include <limits>

#include "base/ensure.h"
#include "base/log.h"
#include "storage/batch_scan.h"
#include "storage/log_file_names.h"
#include "storage/log_recovery.h"
#include "storage/producer_snapshot.h"
#include "storage/segment_reader.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

log::log(runtime::file_system& files, std::string folder, std::shared_ptr<const log_config> config)
    : files_(files), folder_(std::move(folder)), config_(std::move(config)) {
  ensure(config_ != nullptr, "a log has settings");
}

log::~log() = default;

std::int64_t log::size_bytes() const {
  return size_bytes_from(log_start_offset_);
}

std::int64_t log::size_bytes_from(std::int64_t offset) const {
  std::int64_t bytes = 0;
  for (std::size_t i = segment_index_of(offset); i < segments_.size(); ++i) {
    bytes += segments_[i].size_bytes;
  }
  return bytes;
}

std::size_t log::segment_index_of(std::int64_t offset) const {
  if (offset >= segments_.back().base_offset) {
    return segments_.size() - 1;
  }
  const auto after = std::ranges::upper_bound(segments_, offset, {}, &segment::base_offset);
  return after == segments_.begin() ? 0 : static_cast<std::size_t>(after - segments_.begin()) - 1;
}

std::int64_t log::end_offset_of(std::size_t index) const {
  return index + 1 < segments_.size() ? segments_[index + 1].base_offset : log_end_offset_;
}

std::vector<std::string> log::files_of(const segment& segment) const {
  std::vector<std::string> paths;
  // A transaction index without entries, too: the disk may still have those that were cut off.
  for (const auto name : {suffix::log, suffix::offset_index, suffix::time_index,
                          suffix::transaction_index, suffix::producer_snapshot}) {
    paths.push_back(log_file_path(folder_, segment.base_offset, name));
  }
  return paths;
}

void log::start_leader_epoch(std::int32_t epoch) {
  are_epochs_dirty_ |= epochs_.assign(epoch, log_end_offset_);
}

epoch_end_offset log::end_offset_for_epoch(std::int32_t epoch) const {
  return epochs_.end_offset_for(epoch, log_end_offset_);
}

std::int64_t log::last_stable_offset(std::int64_t high_watermark) const {
  return std::min(producers_.first_unstable_offset(high_watermark).value_or(high_watermark),
                  high_watermark);
}

void log::take_place_of(const log& old) {
  ensure(log_end_offset_ == old.log_end_offset_, "a log is replaced by a whole copy");
  config_ = old.config_;
  replacements_ = old.replacements_ + 1;
  cleaned_offset_ = old.cleaned_offset_;
  advance_log_start_offset(old.log_start_offset_);
  if (const auto epoch = old.epochs_.latest_epoch(); epoch && epoch != epochs_.latest_epoch()) {
    start_leader_epoch(*epoch);
  }
}

void log::remove_expired_producers(std::int64_t now_ms) {
  producers_.remove_expired(now_ms, config_->producer_expiration_ms);
}

void log::write_snapshot(std::int64_t offset) {
  const std::string path = log_file_path(folder_, offset, suffix::producer_snapshot);
  if (const auto written = write_snapshot_file(files_, path, producers_); !written) {
    barnabas::log(
        log_level::warn, "storage", "could not write a producer snapshot",
        {field("partition", partition_name(folder_)), field("error", written.error().message)});
    std::ignore = files_.remove(path);
    return;
  }
  last_snapshot_offset_ = offset;
}

result<std::optional<completed_transaction>> log::take_producer(batch_scan& scan) {
  if (!scan.current().has_header) {
    return std::nullopt;
  }
  const record::batch_header header = scan.header();
  if (!header.has_producer_id()) {
    return std::nullopt;
  }
  producer_update update(header);
  if (header.is_control()) {
    const auto bytes = scan.whole_batch();
    if (!bytes) {
      return std::unexpected(bytes.error());
    }
    const auto batch = record::batch_view::parse(*bytes);
    ensure(batch.has_value(), "a batch whose header was parsed");
    if (auto marked = producer_update::of(*batch)) {
      update = *marked;
    }
  }
  auto ended = producers_.update(update, record::origin::replication);
  producers_.commit();
  if (ended && *ended) {
    producers_.complete(**ended);
  }
  return ended;
}

result<> log::replay_producers(const segment& from, std::int64_t from_offset) {
  const auto reader = segment_reader::open(files_, folder_, from);
  const auto position = reader ? (*reader)->position_of(from_offset)
                               : result<std::int64_t>(std::unexpected(reader.error()));
  if (!position) {
    return std::unexpected(position.error());
  }
  batch_scan scan(*(*reader)->source(), *position, from.size_bytes, {.buffer_bytes = 64 << 10});
  while (true) {
    const auto step = scan.next();
    if (!step) {
      return std::unexpected(step.error());
    }
    if (*step != batch_scan::step::batch) {
      return {};
    }
    if (auto taken = take_producer(scan); !taken) {
      return std::unexpected(taken.error());
    }
  }
}

result<> log::write_epochs() {
  if (!are_epochs_dirty_) {
    return {};
  }
  auto written =
      files_.replace_text(folder_ + '/' + std::string(leader_epoch_file_name), epochs_.to_text());
  are_epochs_dirty_ = !written;
  return written;
}

void log::release_idle() {
  writer_->release();
  cold_reader_.reset();
  producers_.shrink();
}

result<> log::close() {
  if (auto sealed = writer_->seal(active()); !sealed) {
    return sealed;
  }
  if (log_end_offset_ > 0 && last_snapshot_offset_ != log_end_offset_) {
    write_snapshot(log_end_offset_);
  }
  if (const auto work = take_flush_work()) {
    if (auto written = work->write_epochs(files_); !written) {
      return written;
    }
    if (auto synced = work->sync(files_); !synced) {
      return synced;
    }
    flushed(*work);
  }
  release_idle();
  return {};
}

}  // namespace barnabas::storage
