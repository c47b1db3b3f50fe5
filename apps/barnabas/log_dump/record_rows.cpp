#include "log_dump/record_rows.h"

#include <barnabas/record.h>
#include <fmt/format.h>

#include "frame/json_text.h"
#include "log_dump/internal_records.h"
#include "record/control_record.h"
#include "records/record_format.h"

namespace barnabas::app {
namespace {

constexpr std::size_t rows_at_once = 256;
constexpr std::size_t most_columns = 100;

std::optional<std::string_view> text_of(const std::optional<bytes_view>& bytes) {
  return bytes ? std::optional(as_text(*bytes)) : std::nullopt;
}

// As much of the bytes as a table can show.
cell shortened(const std::optional<std::string_view>& bytes) {
  if (!bytes) {
    return no_value();
  }
  std::string text = printable(bytes->substr(0, 4 * most_columns));
  std::size_t end = 0;
  for (std::size_t columns = 0; end < text.size() && columns < most_columns; ++columns) {
    do {
      ++end;
    } while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80);
  }
  const bool is_cut = end < text.size() || bytes->size() > 4 * most_columns;
  return {is_cut ? text.substr(0, end) + "…" : text, {}};
}

kafka::record as_public(const topic_partition& partition, const record::record_view& record,
                        std::vector<kafka::header>& headers) {
  for (const record::record_header& header : record.headers) {
    headers.push_back({header.key, text_of(header.value)});
  }
  return {partition.topic,     partition.partition,   record.offset, record.timestamp,
          text_of(record.key), text_of(record.value), headers};
}

}  // namespace

record_rows::record_rows(output& to, topic_partition partition, bool is_json)
    : to_(to),
      partition_(std::move(partition)),
      is_json_(is_json),
      rows_({{"OFFSET", "offset"},
             {"TIME", "timestamp"},
             {"TYPE", "type"},
             {"KEY", "key"},
             {"VALUE", "value"}}) {}

void record_rows::print(std::int64_t offset, std::int64_t timestamp, std::string_view type,
                        cell key, cell value) {
  rows_.add({number_cell(offset), time_cell(timestamp), text_cell(type), std::move(key),
             std::move(value)});
  if (rows_.size() >= rows_at_once) {
    finish();
  }
}

void record_rows::finish() {
  rows_.print_some(to_, is_json_);
}

void record_rows::print_data(const record::record_view& record) {
  if (is_json_) {
    std::vector<kafka::header> headers;
    append_record_json(to_.buffer(), as_public(partition_, record, headers));
    to_.room();
    return;
  }
  print(record.offset, record.timestamp, "", shortened(text_of(record.key)),
        shortened(text_of(record.value)));
}

void record_rows::add(const record::batch_view& batch, const record::record_view& record) {
  if (batch.is_control()) {
    const auto marker = record::parse_transaction_marker(record);
    const std::string_view type = !marker                                        ? "control"
                                  : marker->type == record::control_type::commit ? "commit"
                                                                                 : "abort";
    const std::int32_t epoch = marker ? marker->coordinator_epoch : -1;
    print(record.offset, record.timestamp, type,
          {fmt::format("producer {}", batch.producer_id()),
           fmt::format("{{\"producer_id\":{}}}", batch.producer_id())},
          {fmt::format("coordinator epoch {}", epoch),
           fmt::format("{{\"coordinator_epoch\":{}}}", epoch)});
    return;
  }
  if (!is_internal_topic(partition_.topic)) {
    print_data(record);
    return;
  }
  const auto decoded = decode_internal(partition_.topic, record.key, record.value);
  if (!decoded) {
    print(record.offset, record.timestamp, "undecoded",
          text_cell(decoded.error().message).painted(colour::red), no_value());
    return;
  }
  const std::string value = decoded->value.value_or("null");
  print(record.offset, record.timestamp, decoded->type, {decoded->key, decoded->key},
        {decoded->value ? value : "-", value});
}

outcome<> record_rows::add(record::batch_view batch) {
  record::record_reader reader(batch);
  while (true) {
    const auto record = reader.next();
    if (!record) {
      return fail_with(record.error(), fmt::format("batch at offset {}: ", batch.base_offset()));
    }
    if (!*record) {
      return {};
    }
    add(batch, **record);
  }
}

}  // namespace barnabas::app
