#include "log_dump/segment_dump.h"

#include <fmt/format.h>

#include "frame/interruption.h"
#include "frame/outside_world.h"
#include "frame/progress.h"
#include "frame/table.h"
#include "log_dump/record_rows.h"
#include "storage/batch_scan.h"

namespace barnabas::app {
namespace {

constexpr std::size_t rows_at_once = 256;
constexpr std::size_t buffer_bytes = 1 << 20;

table batch_table() {
  return table({{"POSITION", "position"},
                {"FIRST", "base_offset"},
                {"LAST", "last_offset"},
                {"RECORDS", "records"},
                {"BYTES", "bytes"},
                {"COMPRESSION", "compression"},
                {"NEWEST", "max_timestamp"},
                {"EPOCH", "leader_epoch"},
                {"PRODUCER", "producer_id"},
                {"P. EPOCH", "producer_epoch"},
                {"SEQUENCE", "base_sequence"},
                {"KIND", "kind"},
                {"CRC", "crc_is_valid"},
                {"", "crc"},
                {"", "last_sequence"},
                {"", "timestamp_type"},
                {"", "transactional"},
                {"", "control"},
                {"", "delete_horizon"},
                {"", "magic"}});
}

std::string kind_of(const record::batch_header& batch) {
  std::string kind = batch.is_control() ? "control" : batch.is_transactional() ? "transaction" : "";
  if (batch.timestamp_type() == record::timestamp_type::log_append_time) {
    kind += kind.empty() ? "append time" : ", append time";
  }
  return kind;
}

cell id_or_nothing(std::int64_t id) {
  return {id < 0 ? "-" : std::to_string(id), std::to_string(id), true};
}

std::vector<cell> row_of(const storage::scanned_batch& batch, const record::batch_header& header,
                         bool is_crc_valid) {
  const bool is_append_time = header.timestamp_type() == record::timestamp_type::log_append_time;
  const auto horizon = header.delete_horizon_ms();
  return {number_cell(batch.position),
          number_cell(batch.base_offset),
          number_cell(batch.last_offset),
          number_cell(header.record_count()),
          number_cell(batch.size_bytes),
          text_cell(record::to_text(header.compression())),
          time_cell(header.max_timestamp()),
          id_or_nothing(header.partition_leader_epoch()),
          id_or_nothing(header.producer_id()),
          id_or_nothing(header.producer_epoch()),
          id_or_nothing(header.base_sequence()),
          text_cell(kind_of(header)),
          is_crc_valid ? cell{"ok", "true"} : cell{"WRONG", "false"}.painted(colour::red),
          number_cell(header.stored_crc()),
          number_cell(header.last_sequence()),
          text_cell(is_append_time ? "log_append_time" : "create_time"),
          yes_cell(header.is_transactional()),
          yes_cell(header.is_control()),
          horizon ? number_cell(*horizon) : no_value(),
          number_cell(header.magic())};
}

// Of magic 0 or 1: what its frame says.
std::vector<cell> row_of_old(const storage::scanned_batch& batch, bool is_crc_valid) {
  std::vector<cell> row{number_cell(batch.position), number_cell(batch.base_offset),
                        number_cell(batch.last_offset), no_value(), number_cell(batch.size_bytes)};
  row.resize(batch_table().columns(), no_value());
  row[6] = time_cell(batch.max_timestamp);
  row[11] = text_cell("old format");
  row[12] = is_crc_valid ? cell{"ok", "true"} : cell{"WRONG", "false"}.painted(colour::red);
  return row;
}

class segment_dump {
 public:
  segment_dump(const runtime::file& source, std::int64_t size, const topic_partition& partition,
               const dump_choice& choice)
      : choice_(choice),
        scan_(source, 0, size, {.buffer_bytes = buffer_bytes}),
        rows_(batch_table()),
        records_(standard_out(), partition, choice.is_json) {}

  outcome<> run();

 private:
  outcome<> add_batch();

  dump_choice choice_;
  storage::batch_scan scan_;
  table rows_;
  record_rows records_;
  std::int64_t wrong_crcs_ = 0;
  std::int64_t batches_ = 0;
};

outcome<> segment_dump::add_batch() {
  const auto is_valid = scan_.is_crc_valid();
  if (!is_valid) {
    return fail_with(is_valid.error());
  }
  wrong_crcs_ += *is_valid ? 0 : 1;
  const storage::scanned_batch& batch = scan_.current();
  if (!choice_.shows_records) {
    rows_.add(batch.has_header ? row_of(batch, scan_.header(), *is_valid)
                               : row_of_old(batch, *is_valid));
    if (rows_.size() >= rows_at_once) {
      rows_.print_some(standard_out(), choice_.is_json);
    }
    return {};
  }
  if (!batch.has_header) {
    return std::unexpected(
        failure{exit_code::failed,
                fmt::format("the batch at offset {} is of an old format (before Kafka 0.11)",
                            batch.base_offset),
                "Without --records its place is shown."});
  }
  const auto bytes = scan_.whole_batch();
  if (!bytes) {
    return fail_with(bytes.error());
  }
  const auto view = record::batch_view::parse(*bytes);
  return view ? records_.add(*view) : fail_with(view.error().why);
}

outcome<> segment_dump::run() {
  progress progress;
  auto step = scan_.next();
  outcome<> done;
  while (step && *step == storage::batch_scan::step::batch && !is_interrupted() && done &&
         !standard_out().is_broken()) {
    done = add_batch();
    if (!standard_output().is_terminal) {
      progress.at(++batches_, scan_.current().end_position());
    }
    if (done) {
      step = scan_.next();
    }
  }
  choice_.shows_records ? records_.finish() : rows_.print_some(standard_out(), choice_.is_json);
  standard_out().flush();
  if (!done) {
    return done;
  }
  if (!step) {
    return fail_with(step.error());
  }
  if (*step == storage::batch_scan::step::broken) {
    return std::unexpected(failure{exit_code::failed,
                                   fmt::format("position {}: no whole batch begins here: {}",
                                               scan_.position(), scan_.reason()),
                                   "A broker cuts such an end when it starts after a crash."});
  }
  if (wrong_crcs_ > 0) {
    return std::unexpected(
        failure{exit_code::failed, fmt::format("{} batches have a wrong CRC", wrong_crcs_), {}});
  }
  return {};
}

}  // namespace

outcome<> dump_segment(const std::string& path, const topic_partition& partition,
                       const dump_choice& choice) {
  const auto opened = files().open(path, runtime::open_mode::read);
  if (!opened) {
    return fail_with(opened.error());
  }
  const auto size = (*opened)->size();
  if (!size) {
    return fail_with(size.error());
  }
  auto dumped = segment_dump(**opened, *size, partition, choice).run();
  if (!dumped) {
    dumped.error().message = path + ": " + dumped.error().message;
  }
  return dumped;
}

}  // namespace barnabas::app
