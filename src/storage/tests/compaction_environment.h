// What the tests of compaction share: records with keys, one round over a log as the cleaner does
// it, and what is left of each key.
#pragma once

#include <map>

#include "log_environment.h"
#include "storage/compaction.h"

namespace barnabas::storage::log_tests {

struct keyed {
  std::string key;
  std::optional<std::string> value;
};

inline std::vector<std::byte> keyed_batch(const std::vector<keyed>& records,
                                          record::batch_settings settings = {},
                                          std::int64_t timestamp = start_ms) {
  record::batch_builder builder(std::move(settings));
  for (const keyed& one : records) {
    builder.append({.timestamp = timestamp++,
                    .key = as_bytes(one.key),
                    .value = one.value ? std::optional(as_bytes(*one.value)) : std::nullopt});
  }
  return builder.build();
}

// One round over everything that may be compacted, synchronously; how far it came. `before_swap` is
// called when a group is ready.
template <class BeforeSwap>
result<std::int64_t> compact_log(runtime::file_system& files, storage::log& log,
                                 std::int64_t now_ms, compaction_limits limits,
                                 BeforeSwap before_swap) {
  const auto range = log.find_cleanable(now_ms, log.log_end_offset());
  auto input = log.take_compaction_input(range, now_ms);
  const auto truncations = input.truncations;
  compaction round(files, std::move(input), limits);
  while (true) {
    const auto state = round.step();
    if (!state) {
      return std::unexpected(state.error());
    }
    if (*state == compaction::state::done) {
      log.set_cleaned_offset(round.cleaned_to());
      return round.cleaned_to();
    }
    if (*state == compaction::state::group_ready) {
      before_swap();
      const auto old = log.replace_segments(round.ready(), truncations);
      if (!old) {
        return std::unexpected(old.error());
      }
      if (!*old) {
        round.discard();
        return fail(error_code::operation_not_attempted, "the log has changed");
      }
      for (const std::string& path : (*old)->files) {
        std::ignore = files.remove(path);
      }
      if (auto synced = files.sync_folder(log.folder()); !synced) {
        return std::unexpected(synced.error());
      }
    }
  }
}

struct compaction_environment : log_environment {
  compaction_limits limits;

  compaction_environment() {
    config.is_cleanup_compact = true;
    config.is_cleanup_delete = false;
    config.segment_bytes = 2000;
  }

  void put(const std::string& key, const std::optional<std::string>& value) {
    const auto done = append(keyed_batch({{key, value}}, {}, now_ms));
    ASSERT_TRUE(done) << done.error().message;
  }
  // Closes the active segment, so that everything up to here may be compacted.
  void seal() {
    ASSERT_TRUE(log->roll(now_ms));
    flush();
  }
  result<std::int64_t> try_compact() {
    return compact_log(files, *log, now_ms, limits, [] {});
  }
  void compact() {
    seal();
    const auto done = try_compact();
    ASSERT_TRUE(done) << done.error().message;
  }

  // Everything that a reader finds, of each key the values in order; "-" is a tombstone.
  std::map<std::string, std::vector<std::string>> values() {
    std::map<std::string, std::vector<std::string>> found;
    for (const record::batch_view batch : batches()) {
      record::record_reader reader(batch);
      for (auto next = reader.next(); next && *next; next = reader.next()) {
        if (!batch.is_control()) {
          found[std::string(as_text(*(*next)->key))].emplace_back(
              (*next)->value ? as_text(*(*next)->value) : "-");
        }
      }
    }
    return found;
  }
  std::vector<std::string> values_of(const std::string& key) { return values()[key]; }

  // All batches of the log, which must ascend; valid until the next call.
  std::vector<record::batch_view> batches() {
    bytes_.clear();
    std::vector<record::batch_view> found;
    std::int64_t offset = log->log_start_offset();
    while (offset < log->log_end_offset()) {
      const auto read = log->read({.start_offset = offset, .max_bytes = 10 << 20});
      EXPECT_TRUE(read) << (read ? "" : read.error().message);
      if (!read || read->empty()) {
        break;
      }
      bytes_.push_back(bytes_of(read->slice));
      record::batches all(bytes_.back());
      for (const record::batch_view batch : all) {
        EXPECT_TRUE(batch.is_crc_valid());
        EXPECT_GE(batch.base_offset(), found.empty() ? 0 : found.back().next_offset());
        offset = batch.next_offset();
        found.push_back(batch);
      }
    }
    return found;
  }

 private:
  std::vector<std::vector<std::byte>> bytes_;
};

}  // namespace barnabas::storage::log_tests
