// What the shard does for a compaction: it finds what is to be done, and puts the new segments in
// the place of the old ones.
#include <algorithm>

#include "storage/compaction.h"
#include "storage/log.h"
#include "storage/log_file_names.h"
#include "storage/segment_writer.h"

namespace barnabas::storage {

bool log::keep(const cold_read& done) {
  if (done.replacements_ != replacements_) {
    return false;
  }
  if (done.reader_) {
    cold_reader_ = done.reader_;
  }
  return true;
}

cleanable_range log::find_cleanable(std::int64_t now_ms, std::int64_t high_watermark) const {
  const bool is_known = cleaned_offset_ >= log_start_offset_ && cleaned_offset_ <= log_end_offset_;
  cleanable_range range{.dirty_offset = is_known ? cleaned_offset_ : log_start_offset_};
  range.end_offset = range.dirty_offset;
  // Only what is on disk: a hole above the recovery point would be damage to a recovery when the
  // topic is not compacted any more.
  const std::int64_t limit = std::min(last_stable_offset(high_watermark), recovery_point_);
  for (std::size_t i = 0; i + 1 < segments_.size() && end_offset_of(i) <= limit; ++i) {
    const segment& one = segments_[i];
    if (end_offset_of(i) <= range.dirty_offset) {
      range.clean_bytes += one.size_bytes;
      continue;
    }
    const std::int64_t lag_ms = config_->min_compaction_lag_ms;
    if (lag_ms > 0 && one.largest_timestamp() > now_ms - lag_ms) {
      break;
    }
    if (range.dirty_bytes == 0) {
      range.first_dirty_segment = one.base_offset;
    }
    range.dirty_bytes += one.size_bytes;
    range.end_offset = end_offset_of(i);
  }
  return range;
}

// The newest batch that no loss of power takes, for then it is the producer's last. It is older
// than all those that are known when none of them is on disk.
producer_end log::durable_end_of(const producer_entry& producer) const {
  for (std::size_t i = producer.batch_count; i > 0; --i) {
    if (producer.batches[i - 1].last_offset < recovery_point_) {
      return {.last_offset = producer.batches[i - 1].last_offset, .epoch = producer.epoch};
    }
  }
  return {.epoch = producer.epoch, .is_sought = producer.batch_count > 0};
}

compaction_input log::take_compaction_input(const cleanable_range& range,
                                            std::int64_t now_ms) const {
  compaction_input input{.folder = folder_,
                         .config = config_,
                         .segments = {},
                         .dirty_offset = range.dirty_offset,
                         .end_offset = range.end_offset,
                         .transaction_sources = transaction_sources(0),
                         .unwritten_transactions = writer_->unwritten_transactions(),
                         .producers = {},
                         .now_ms = now_ms,
                         .truncations = truncations_};
  for (std::size_t i = 0; i + 1 < segments_.size() && end_offset_of(i) <= range.end_offset; ++i) {
    input.segments.push_back({segments_[i], end_offset_of(i)});
  }
  for (const auto& [id, producer] : producers_.producers()) {
    // Those whose last data is behind the range have nothing in it that must stay.
    if (const producer_end end = durable_end_of(producer); end.last_offset < range.end_offset) {
      input.producers.emplace(id, end);
    }
  }
  return input;
}

// Where the segments of the group begin, if they are all still there as they were.
std::optional<std::size_t> log::find_group(const segment_group& group) const {
  const auto is_same = [](const segment_range& was, const segment& is) {
    return was.segment.base_offset == is.base_offset && was.segment.size_bytes == is.size_bytes;
  };
  const auto first = std::ranges::lower_bound(segments_, group.replaced.front().segment.base_offset,
                                              {}, &segment::base_offset);
  const auto index = static_cast<std::size_t>(first - segments_.begin());
  const bool is_there = index + group.replaced.size() < segments_.size() &&
                        std::equal(group.replaced.begin(), group.replaced.end(), first, is_same);
  return is_there ? std::optional(index) : std::nullopt;
}

result<std::optional<retention_result>> log::replace_segments(const segment_group& group,
                                                              std::uint64_t truncations) {
  const auto index = find_group(group);
  if (!index || truncations != truncations_) {
    return std::nullopt;
  }
  retention_result old;
  const auto move = [this](const std::string& from, const std::string& to) -> result<bool> {
    const auto renamed = files_.rename(from, to);
    if (!renamed && files_.exists(from)) {
      return std::unexpected(renamed.error());
    }
    return renamed.has_value();  // not every segment has all files
  };
  ++replacements_;
  cold_reader_.reset();
  // A start finishes what a crash leaves of this; that it can tell old files from new ones depends
  // on the order: in each segment the log file is the last, both when it goes and when it comes.
  for (const segment_range& range : group.replaced) {
    const bool has_snapshot = range.segment.base_offset != group.cleaned.base_offset;
    auto paths = files_of(range.segment);
    paths.resize(paths.size() - (has_snapshot ? 0 : 1));
    std::ranges::rotate(paths, paths.begin() + 1);
    for (const std::string& path : paths) {
      const std::string set_aside = path + std::string(suffix::deleted);
      const auto moved = move(path, set_aside);
      if (!moved) {
        return std::unexpected(moved.error());
      }
      if (*moved) {
        old.files.push_back(set_aside);
      }
    }
    ++old.segments;
    old.bytes += range.segment.size_bytes;
  }
  for (const auto name :
       {suffix::offset_index, suffix::time_index, suffix::transaction_index, suffix::log}) {
    const std::string path = log_file_path(folder_, group.cleaned.base_offset, name);
    if (auto moved = move(path + std::string(suffix::swap), path); !moved) {
      return std::unexpected(moved.error());
    }
  }
  const auto first = segments_.begin() + static_cast<std::ptrdiff_t>(*index);
  *first = group.cleaned;
  segments_.erase(first + 1, first + static_cast<std::ptrdiff_t>(group.replaced.size()));
  has_folder_changed_ = true;
  return old;
}

result<bool> log::roll_for_compaction(std::int64_t now_ms) {
  constexpr auto never = std::numeric_limits<std::int64_t>::max();
  if (!config_->is_cleanup_compact || config_->max_compaction_lag_ms == never ||
      active().size_bytes == 0) {
    return false;
  }
  const auto first_timestamp = writer_->first_timestamp(active());
  if (!first_timestamp) {
    return std::unexpected(first_timestamp.error());
  }
  const std::int64_t began_ms = *first_timestamp >= 0 ? *first_timestamp : active().created_ms;
  if (now_ms - began_ms <= config_->max_compaction_lag_ms) {
    return false;
  }
  auto rolled = roll(now_ms);
  return rolled ? result<bool>(true) : std::unexpected(rolled.error());
}

}  // namespace barnabas::storage
