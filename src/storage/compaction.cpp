#include "storage/compaction.h"

#include <algorithm>
#include <array>
#include <limits>
#include <ranges>

#include "storage/log_file_names.h"
#include "storage/segment_reader.h"

namespace barnabas::storage {

namespace {

// So much is read between two looks at whether the round shall go on.
constexpr std::int64_t step_bytes = 4 << 20;

// The log file is renamed last: while it has its old name the others mean nothing.
constexpr std::array segment_suffixes{suffix::offset_index, suffix::time_index,
                                      suffix::transaction_index, suffix::log};

std::string path_of(const std::string& folder, std::int64_t base_offset, std::string_view name,
                    std::string_view extension) {
  return log_file_path(folder, base_offset, name) + std::string(extension);
}

}  // namespace

compaction::compaction(runtime::file_system& files, compaction_input input,
                       compaction_limits limits)
    : files_(files),
      input_(std::move(input)),
      limits_(limits),
      mapped_to_(input_.dirty_offset - 1) {}

compaction::~compaction() = default;

result<compaction::state> compaction::step() {
  auto done = advance();
  if (!done) {
    discard();
  }
  return done;
}

result<compaction::state> compaction::advance() {
  if (phase_ == phase::starting) {
    phase_ = phase::mapping;
    if (auto started = start(); !started) {
      return std::unexpected(started.error());
    }
  }
  if (phase_ == phase::mapping) {
    auto mapped = map_some();
    return mapped ? result<state>(state::working) : std::unexpected(mapped.error());
  }
  if (phase_ == phase::at_ready_group) {
    group_.reset();
    phase_ = phase::between_groups;
  }
  if (phase_ == phase::between_groups) {
    if (next_segment_ == input_.segments.size()) {
      return state::done;
    }
    if (auto begun = begin_group(); !begun) {
      return std::unexpected(begun.error());
    }
  }
  const auto has_ended = clean_some();
  if (!has_ended) {
    return std::unexpected(has_ended.error());
  }
  return *has_ended ? end_group() : state::working;
}

// A start of the log takes a .swap behind a .cleaned file for unfinished and drops it: none may be
// left of a round that could not remove its files.
result<> compaction::remove_leftovers() {
  const auto entries = files_.list(input_.folder);
  if (!entries) {
    return std::unexpected(entries.error());
  }
  for (const runtime::directory_entry& entry : *entries) {
    std::string_view name = entry.name;
    if (entry.is_directory || !name.ends_with(suffix::cleaned)) {
      continue;
    }
    name.remove_suffix(suffix::cleaned.size());
    if (!parse_log_file_name(name)) {
      continue;
    }
    if (auto removed = files_.remove(input_.folder + '/' + entry.name); !removed) {
      return removed;
    }
  }
  return {};
}

result<> compaction::start() {
  if (auto tidied = remove_leftovers(); !tidied) {
    return tidied;
  }
  if (auto loaded = load_aborted(); !loaded) {
    return loaded;
  }
  keys_ = std::make_unique<key_offsets>(limits_.map_bytes, limits_.map_load_factor,
                                        input_.end_offset - input_.dirty_offset, limits_.seed);
  transactions_.emplace(aborted_);
  while (next_segment_ < input_.segments.size() &&
         input_.segments[next_segment_].end_offset <= input_.dirty_offset) {
    ++next_segment_;
  }
  return {};
}

result<> compaction::load_aborted() {
  // Once the stable offset behind an entry is at the end, later ones began behind it.
  const auto take = [this](const transaction_index_entry& entry) {
    if (entry.first_offset < input_.end_offset) {
      aborted_.push_back(entry);
    }
    return entry.last_stable_offset < input_.end_offset;
  };
  constexpr std::size_t entry_bytes = transaction_index_entry::encoded_bytes;
  for (const transaction_source& source : input_.transaction_sources) {
    const std::string path =
        log_file_path(input_.folder, source.base_offset, suffix::transaction_index);
    if (!files_.exists(path)) {
      continue;
    }
    const auto content = files_.read_text(path);
    if (!content) {
      return std::unexpected(content.error());
    }
    const std::size_t size =
        std::min(content->size(), static_cast<std::size_t>(source.limit_bytes));
    for (std::size_t at = 0; at + entry_bytes <= size; at += entry_bytes) {
      if (!take(transaction_index_entry::decode(as_bytes(*content).data() + at))) {
        return {};
      }
    }
  }
  for (const transaction_index_entry& entry : input_.unwritten_transactions) {
    if (!take(entry)) {
      break;
    }
  }
  return {};
}

result<> compaction::open_segment(const segment_range& range, std::int64_t from_offset) {
  const auto reader = segment_reader::open(files_, input_.folder, range.segment);
  if (!reader) {
    return std::unexpected(reader.error());
  }
  const auto position = from_offset > range.segment.base_offset
                            ? (*reader)->position_of(from_offset)
                            : result<std::int64_t>(0);
  if (!position) {
    return std::unexpected(position.error());
  }
  chunks_.emplace((*reader)->source(), *position, range.segment.size_bytes, limits_.buffer_bytes);
  return {};
}

result<> compaction::map_some() {
  for (std::int64_t bytes = 0; bytes < step_bytes;) {
    if (next_segment_ == input_.segments.size()) {
      end_mapping();
      return {};
    }
    const segment_range& range = input_.segments[next_segment_];
    if (!chunks_) {
      if (auto opened = open_segment(range, input_.dirty_offset); !opened) {
        return opened;
      }
    }
    const auto chunk = chunks_->next();
    if (!chunk) {
      return std::unexpected(chunk.error());
    }
    if (chunk->empty()) {
      mapped_to_ = range.end_offset - 1;
      chunks_.reset();
      ++next_segment_;
      continue;
    }
    bytes += static_cast<std::int64_t>(chunk->size());
    moved_bytes_ += static_cast<std::int64_t>(chunk->size());
    const auto is_whole = map_chunk(*chunk);
    if (!is_whole) {
      return std::unexpected(is_whole.error());
    }
    if (!*is_whole) {
      end_mapping();
      return {};
    }
  }
  return {};
}

result<bool> compaction::map_chunk(bytes_view chunk) {
  record::batches all(chunk);
  for (const record::batch_view batch : all) {
    const auto is_whole = map_batch(batch);
    if (!is_whole || !*is_whole) {
      return is_whole;
    }
  }
  return true;
}

result<bool> compaction::map_batch(const record::batch_view& batch) {
  if (batch.is_control()) {
    if (const auto marker = transactions_->take_marker(batch); !marker) {
      return std::unexpected(marker.error());
    }
  } else if (const auto producer = input_.producers.find(batch.producer_id());
             producer != input_.producers.end() && producer->second.is_sought) {
    producer->second.last_offset = batch.last_offset();
  }
  if (!batch.is_control() && !transactions_->is_aborted(batch)) {
    if (auto read = collect_keys(batch, *keys_, records_); !read) {
      return std::unexpected(read.error());
    }
    for (const keyed_record& record : records_) {
      if (record.has_key && record.offset >= input_.dirty_offset &&
          !keys_->put(record.digest, record.offset)) {
        mapped_to_ = record.offset - 1;
        return false;
      }
    }
  }
  mapped_to_ = std::max(mapped_to_, batch.last_offset());
  return true;
}

void compaction::end_mapping() {
  chunks_.reset();
  transactions_.reset();
  std::erase_if(input_.segments, [this](const segment_range& range) {
    return range.segment.base_offset > mapped_to_;
  });
  next_segment_ = 0;
  cleaner_.emplace(cleaning_rules{.keys = *keys_,
                                  .mapped_to = mapped_to_,
                                  .end_offset = input_.end_offset,
                                  .producers = input_.producers,
                                  .now_ms = input_.now_ms,
                                  .delete_retention_ms = input_.config->delete_retention_ms},
                   aborted_);
  phase_ = phase::between_groups;
}

// Of the larger of its indexes.
result<std::int64_t> compaction::index_bytes(const segment& segment) const {
  std::int64_t largest = 0;
  for (const auto name : {suffix::offset_index, suffix::time_index}) {
    const std::string path = log_file_path(input_.folder, segment.base_offset, name);
    if (!files_.exists(path)) {
      continue;
    }
    const auto file = files_.open(path, runtime::open_mode::read);
    const auto size = file ? (*file)->size() : result<std::int64_t>(std::unexpected(file.error()));
    if (!size) {
      return size;
    }
    largest = std::max(largest, *size);
  }
  return largest;
}

// Whether one more segment fits in a group, whose sizes it then adds to.
result<bool> compaction::takes_in(std::int64_t& log_bytes, std::int64_t& index_bytes_so_far,
                                  const segment_range& next) const {
  const auto more = index_bytes(next.segment);
  if (!more) {
    return std::unexpected(more.error());
  }
  const bool is_near =
      next.end_offset - 1 - group_->cleaned.base_offset <= std::numeric_limits<std::int32_t>::max();
  if (log_bytes + next.segment.size_bytes > input_.config->segment_bytes ||
      index_bytes_so_far + *more > input_.config->segment_index_bytes ||
      (!is_near && next.segment.size_bytes > 0)) {
    return false;
  }
  log_bytes += next.segment.size_bytes;
  index_bytes_so_far += *more;
  return true;
}

result<> compaction::begin_group() {
  const segment_range& first = input_.segments[next_segment_];
  group_ = {.replaced = {first}, .cleaned = {.base_offset = first.segment.base_offset}};
  std::int64_t log_bytes = first.segment.size_bytes;
  auto indexes = index_bytes(first.segment);
  if (!indexes) {
    return std::unexpected(indexes.error());
  }
  while (++next_segment_ < input_.segments.size()) {
    const auto fits = takes_in(log_bytes, *indexes, input_.segments[next_segment_]);
    if (!fits) {
      return std::unexpected(fits.error());
    }
    if (!*fits) {
      break;
    }
    group_->replaced.push_back(input_.segments[next_segment_]);
  }
  group_->cleaned.created_ms = group_->replaced.back().segment.created_ms;
  next_in_group_ = 0;
  is_changed_ = group_->replaced.size() > 1;
  writer_ = std::make_unique<segment_writer>(files_, input_.folder, first.segment.base_offset,
                                             suffix::cleaned);
  phase_ = phase::in_group;
  return writer_->create(*input_.config);
}

result<bool> compaction::clean_some() {
  for (std::int64_t bytes = 0; bytes < step_bytes;) {
    if (next_in_group_ == group_->replaced.size()) {
      return true;
    }
    if (!chunks_) {
      if (auto opened = open_segment(group_->replaced[next_in_group_], 0); !opened) {
        return std::unexpected(opened.error());
      }
    }
    const auto chunk = chunks_->next();
    if (!chunk) {
      return std::unexpected(chunk.error());
    }
    if (chunk->empty()) {
      chunks_.reset();
      ++next_in_group_;
      continue;
    }
    bytes += static_cast<std::int64_t>(chunk->size());
    if (auto cleaned = clean_chunk(*chunk); !cleaned) {
      return std::unexpected(cleaned.error());
    }
  }
  return false;
}

result<> compaction::clean_chunk(bytes_view chunk) {
  output_.clear();
  bool is_whole = true;  // so far nothing of it was changed, and output_ is not used
  std::size_t at = 0;
  record::batches all(chunk);
  for (const record::batch_view batch : all) {
    const auto fate = cleaner_->judge(batch);
    if (!fate) {
      return std::unexpected(fate.error());
    }
    if (*fate != batch_cleaner::fate::kept && is_whole) {
      is_whole = false;
      output_.assign(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const bytes_view bytes =
        *fate == batch_cleaner::fate::rewritten ? bytes_view(cleaner_->rewritten()) : batch.bytes();
    const std::size_t position = is_whole ? at : output_.size();
    at = all.position();
    if (*fate == batch_cleaner::fate::dropped) {
      continue;
    }
    if (!is_whole) {
      output_.insert(output_.end(), bytes.begin(), bytes.end());
    }
    note(*record::batch_view::parse(bytes), static_cast<std::int64_t>(position));
  }
  is_changed_ = is_changed_ || !is_whole;
  const bytes_view bytes = is_whole ? chunk : bytes_view(output_);
  moved_bytes_ += static_cast<std::int64_t>(chunk.size() + bytes.size());
  writer_->spill_if_large();
  return bytes.empty() ? result<>()
                       : writer_->write(group_->cleaned, std::span(&bytes, 1),
                                        static_cast<std::int64_t>(bytes.size()), *input_.config);
}

// Of a batch that will be written; `position` counts from the end of the file.
void compaction::note(const record::batch_view& batch, std::int64_t position) {
  const scanned_batch scanned{
      .position = group_->cleaned.size_bytes + position,
      .size_bytes = static_cast<std::int64_t>(batch.size_bytes()),
      .base_offset = batch.base_offset(),
      .last_offset = batch.last_offset(),
      .max_timestamp = batch.record_count() == 0 ? record::no_timestamp : batch.max_timestamp(),
      .leader_epoch = batch.partition_leader_epoch(),
      .has_header = true};
  writer_->note_batch(group_->cleaned, scanned, input_.config->index_interval_bytes);
  if (cleaner_->aborted()) {
    writer_->note_aborted(group_->cleaned, *cleaner_->aborted());
  }
}

result<compaction::state> compaction::end_group() {
  if (!is_changed_) {
    if (auto removed = remove_group(); !removed) {
      return std::unexpected(removed.error());
    }
    phase_ = phase::between_groups;
    return state::working;
  }
  if (auto sealed = writer_->seal(group_->cleaned); !sealed) {
    return std::unexpected(sealed.error());
  }
  writer_.reset();
  const std::int64_t base_offset = group_->cleaned.base_offset;
  const auto for_each_file = [&](auto&& work) -> result<> {
    for (const auto name : segment_suffixes) {
      const std::string path = path_of(input_.folder, base_offset, name, suffix::cleaned);
      if (!files_.exists(path)) {
        continue;
      }
      if (auto done = work(path, path_of(input_.folder, base_offset, name, suffix::swap)); !done) {
        return done;
      }
    }
    return {};
  };
  auto done = for_each_file([this](const std::string& path, const std::string&) -> result<> {
    const auto file = files_.open(path, runtime::open_mode::read_write);
    return file ? (*file)->sync() : std::unexpected(file.error());
  });
  if (done) {
    done = for_each_file([this](const std::string& path, const std::string& swap) {
      return files_.rename(path, swap);
    });
  }
  if (!done) {
    return std::unexpected(done.error());
  }
  phase_ = phase::at_ready_group;
  return state::group_ready;
}

void compaction::discard() {
  std::ignore = remove_group();
}

// Removes what it can; the first error.
result<> compaction::remove_group() {
  result<> outcome;
  if (!group_) {
    return outcome;
  }
  writer_.reset();
  chunks_.reset();
  // The log file first: without it the others mean nothing.
  for (const auto extension : {suffix::swap, suffix::cleaned}) {
    for (const auto name : segment_suffixes | std::views::reverse) {
      auto removed =
          files_.remove(path_of(input_.folder, group_->cleaned.base_offset, name, extension));
      outcome = outcome ? std::move(removed) : std::move(outcome);
    }
  }
  group_.reset();
  return outcome;
}

}  // namespace barnabas::storage
