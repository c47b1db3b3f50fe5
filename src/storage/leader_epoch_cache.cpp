#include "storage/leader_epoch_cache.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/checkpoint_file.h"

namespace barnabas::storage {

result<leader_epoch_cache> leader_epoch_cache::parse(std::string_view text, std::string_view path) {
  const auto lines = parse_checkpoint(text, path, 2);
  if (!lines) {
    return std::unexpected(lines.error());
  }
  leader_epoch_cache cache;
  for (const checkpoint_entry& line : *lines) {
    const auto epoch = checkpoint_number(line.fields[0], path, line.line, 0,
                                         std::numeric_limits<std::int32_t>::max());
    const auto offset = checkpoint_number(line.fields[1], path, line.line, 0,
                                          std::numeric_limits<std::int64_t>::max());
    if (!epoch || !offset) {
      return std::unexpected(!epoch ? epoch.error() : offset.error());
    }
    cache.assign(static_cast<std::int32_t>(*epoch), *offset);
  }
  return cache;
}

std::string leader_epoch_cache::to_text() const {
  std::string lines;
  for (const leader_epoch_entry& entry : entries_) {
    fmt::format_to(std::back_inserter(lines), "{} {}\n", entry.epoch, entry.start_offset);
  }
  return format_checkpoint(entries_.size(), lines);
}

bool leader_epoch_cache::assign(std::int32_t epoch, std::int64_t start_offset) {
  if (epoch < 0 || start_offset < 0 || (!entries_.empty() && entries_.back().epoch >= epoch)) {
    return false;
  }
  truncate_from_end(start_offset);
  entries_.push_back({epoch, start_offset});
  return true;
}

bool leader_epoch_cache::truncate_from_end(std::int64_t end_offset) {
  const auto first =
      std::ranges::lower_bound(entries_, end_offset, {}, &leader_epoch_entry::start_offset);
  const bool is_changed = first != entries_.end();
  entries_.erase(first, entries_.end());
  return is_changed;
}

bool leader_epoch_cache::truncate_from_start(std::int64_t start_offset) {
  // The last entry that begins at the offset or below holds it.
  const auto after =
      std::ranges::upper_bound(entries_, start_offset, {}, &leader_epoch_entry::start_offset);
  if (after == entries_.begin()) {
    return false;
  }
  const auto holder = after - 1;
  if (holder == entries_.begin() && holder->start_offset == start_offset) {
    return false;
  }
  holder->start_offset = start_offset;
  entries_.erase(entries_.begin(), holder);
  return true;
}

bool leader_epoch_cache::clear() {
  const bool is_changed = !entries_.empty();
  entries_.clear();
  return is_changed;
}

epoch_end_offset leader_epoch_cache::end_offset_for(std::int32_t epoch,
                                                    std::int64_t log_end_offset) const {
  if (epoch < 0 || entries_.empty() || epoch > entries_.back().epoch) {
    return {};
  }
  if (epoch == entries_.back().epoch) {
    return {epoch, log_end_offset};
  }
  const auto higher = std::ranges::upper_bound(entries_, epoch, {}, &leader_epoch_entry::epoch);
  if (higher == entries_.begin()) {
    return {epoch, higher->start_offset};
  }
  return {(higher - 1)->epoch, higher->start_offset};
}

std::optional<std::int32_t> leader_epoch_cache::epoch_of(std::int64_t offset) const {
  const auto after =
      std::ranges::upper_bound(entries_, offset, {}, &leader_epoch_entry::start_offset);
  return after == entries_.begin() ? std::nullopt : std::optional((after - 1)->epoch);
}

std::optional<std::int32_t> leader_epoch_cache::latest_epoch() const {
  return entries_.empty() ? std::nullopt : std::optional(entries_.back().epoch);
}

}  // namespace barnabas::storage
