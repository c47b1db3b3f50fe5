// What the tests of the log share: a log in a folder of a simulated disk, batches to append, and
// what a reader finds in it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "record/batch_builder.h"
#include "record/control_record.h"
#include "record/record_reader.h"
#include "runtime/simulated/simulation.h"
#include "storage/log.h"
#include "storage/log_file_names.h"

namespace barnabas::storage::log_tests {

inline constexpr std::int64_t start_ms = 1'700'000'000'000;

struct producer {
  std::int64_t id = record::no_producer_id;
  std::int16_t epoch = record::no_producer_epoch;
  std::int32_t sequence = record::no_sequence;
  bool is_transactional = false;
};

// `records` records whose values are "<name><number>", one millisecond apart.
inline std::vector<std::byte> batch_of(int records, std::int64_t timestamp = start_ms,
                                       const std::string& name = "v", const producer& from = {}) {
  record::batch_builder builder({.producer_id = from.id,
                                 .producer_epoch = from.epoch,
                                 .base_sequence = from.sequence,
                                 .is_transactional = from.is_transactional});
  for (int i = 0; i < records; ++i) {
    const std::string value = name + std::to_string(i);
    builder.append({.timestamp = timestamp + i, .value = as_bytes(value)});
  }
  return builder.build();
}

// A batch of one record of `value_bytes`.
inline std::vector<std::byte> large_batch(std::size_t value_bytes,
                                          std::int64_t timestamp = start_ms) {
  return batch_of(1, timestamp, std::string(value_bytes, 'x'));
}

struct read_record {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::string value;
  bool is_control = false;
};

// The whole batches of a slice.
inline std::vector<std::byte> bytes_of(const runtime::file_slice& slice) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(slice.length));
  if (slice.source) {
    const auto got = slice.source->read_at(bytes, slice.offset);
    EXPECT_TRUE(got && *got == bytes.size()) << "a slice is readable";
  }
  return bytes;
}

inline std::vector<read_record> records_of(bytes_view bytes) {
  std::vector<read_record> records;
  record::batches all(bytes);
  for (const record::batch_view batch : all) {
    EXPECT_TRUE(batch.is_crc_valid());
    record::record_reader reader(batch);
    while (true) {
      const auto next = reader.next();
      EXPECT_TRUE(next) << (next ? "" : next.error().message);
      if (!next || !*next) {
        break;
      }
      records.push_back(
          {.offset = (*next)->offset,
           .timestamp = (*next)->timestamp,
           .value = (*next)->value ? std::string(as_text(*(*next)->value)) : std::string(),
           .is_control = batch.is_control()});
    }
  }
  return records;
}

// Everything from `offset` on, as a consumer with many small fetches reads it; goes through cold
// reads where the log asks for it.
inline std::vector<read_record> read_from(storage::log& log, std::int64_t offset,
                                          std::int64_t max_bytes = 1 << 20) {
  std::vector<read_record> records;
  while (offset < log.log_end_offset()) {
    const read_request request{.start_offset = offset, .max_bytes = max_bytes};
    auto cold = log.cold_read_for(request);
    auto found = cold ? cold->run() : log.read(request);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    if (!found || found->empty()) {
      break;
    }
    if (cold) {
      log.keep(*cold);
    }
    const auto batch = records_of(bytes_of(found->slice));
    EXPECT_FALSE(batch.empty()) << "a read at " << offset << " gives a whole batch";
    if (batch.empty()) {
      break;
    }
    for (const read_record& record : batch) {
      if (record.offset >= offset) {
        records.push_back(record);
      }
    }
    offset = batch.back().offset + 1;
  }
  return records;
}

struct log_environment {
  runtime::simulated::simulation simulation;
  runtime::simulated::machine& machine = simulation.add_machine("disk", 1);
  runtime::simulated::disk& files = machine.disk();
  std::string folder = "/data/t-0";
  log_config config;
  std::unique_ptr<storage::log> log;
  std::int64_t now_ms = start_ms;

  explicit log_environment(const runtime::simulated::simulation_options& options = {})
      : simulation(1, options) {
    config.segment_bytes = 4096;
    config.index_interval_bytes = 256;
    EXPECT_TRUE(files.create_folder(folder));
  }

  result<> try_open(bool was_clean, std::int64_t recovery_point,
                    std::int64_t log_start_offset = 0) {
    log.reset();
    auto opened = storage::log::open(files, folder,
                                     {.config = std::make_shared<log_config>(config),
                                      .recovery_point = recovery_point,
                                      .log_start_offset = log_start_offset,
                                      .had_clean_shutdown = was_clean,
                                      .now_ms = now_ms});
    if (!opened) {
      return std::unexpected(opened.error());
    }
    log = std::move(*opened);
    return {};
  }
  void open(bool was_clean = true, std::int64_t recovery_point = 0,
            std::int64_t log_start_offset = 0) {
    const auto opened = try_open(was_clean, recovery_point, log_start_offset);
    ASSERT_TRUE(opened) << opened.error().message;
  }
  // As after kill -9.
  void crash_and_open() {
    const std::int64_t recovery_point = log->recovery_point();
    const std::int64_t log_start_offset = log->log_start_offset();
    open(false, recovery_point, log_start_offset);
  }
  void close_and_open() {
    const std::int64_t log_start_offset = log->log_start_offset();
    const auto closed = log->close();
    ASSERT_TRUE(closed) << closed.error().message;
    open(true, 0, log_start_offset);
  }

  result<append_info> append(std::vector<std::byte> batch, std::int32_t epoch = 0,
                             record::origin origin = record::origin::client) {
    return log->append_as_leader(batch, epoch, origin, now_ms);
  }
  // One record a batch, values v0, v1, ... and timestamps one second apart.
  void append_records(int count) {
    for (int i = 0; i < count; ++i) {
      const std::int64_t offset = log->log_end_offset();
      const auto done =
          append(batch_of(1, start_ms + offset * 1000, "v" + std::to_string(offset) + "."));
      ASSERT_TRUE(done) << done.error().message;
    }
  }
  result<append_info> end_transaction(const producer& from, record::control_type type) {
    return append(record::build_transaction_marker({.type = type, .coordinator_epoch = 0}, from.id,
                                                   from.epoch, now_ms),
                  0, record::origin::coordinator);
  }
  void flush() {
    if (const auto work = log->take_flush_work()) {
      ASSERT_TRUE(work->write_epochs(files));
      ASSERT_TRUE(work->sync(files));
      log->flushed(*work);
    }
  }
  // The records of a segment are gone, as a loss of power may take them; its indexes are not.
  void lose_all_of(std::int64_t base_offset) {
    const auto file =
        files.open(log_file_path(folder, base_offset, suffix::log), runtime::open_mode::read_write);
    ASSERT_TRUE(file && (*file)->truncate(0));
  }
  // The log holds exactly the records of append_records() in [from, end).
  void expect_records(std::int64_t from, std::int64_t end) {
    EXPECT_EQ(log->log_end_offset(), end);
    const auto records = read_from(*log, from);
    ASSERT_EQ(records.size(), static_cast<std::size_t>(end - from));
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::int64_t offset = from + static_cast<std::int64_t>(i);
      EXPECT_EQ(records[i].offset, offset);
      EXPECT_EQ(records[i].value, "v" + std::to_string(offset) + ".0");
    }
  }
  // Adds garbage behind the end of a file.
  void append_bytes(const std::string& path, bytes_view bytes) {
    const auto file = files.open(path, runtime::open_mode::read_write);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(bytes, *(*file)->size()));
  }
};

}  // namespace barnabas::storage::log_tests
