// Segments that an Apache Kafka broker wrote, and what a reader of them sees: one record a line of
// the .tsv.gz, offset, timestamp, type, key, value, headers; bytes in hex after an x.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "record/compression.h"
#include "record/control_record.h"
#include "record/record_reader.h"
#include "record/tests/fixtures.h"
#include "record/validator.h"

namespace barnabas::record::tests {
namespace {

std::vector<std::byte> read_file(const std::string& name) {
  std::ifstream file(BARNABAS_TEST_DATA "/record/" + name, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const bytes_view bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

std::string hex(const std::optional<bytes_view>& bytes) {
  if (!bytes) {
    return "null";
  }
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "x";
  for (const std::byte byte : *bytes) {
    text += digits[std::to_integer<unsigned>(byte) >> 4];
    text += digits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::string line_of(const record_view& record, timestamp_type type) {
  std::ostringstream line;
  line << record.offset << '\t' << record.timestamp << '\t'
       << (type == timestamp_type::create_time ? "CreateTime" : "LogAppendTime") << '\t'
       << hex(record.key) << '\t' << hex(record.value) << '\t';
  const char* separator = "";
  for (const record_header& header : record.headers) {
    line << separator << hex(as_bytes(header.key)) << '=' << hex(header.value);
    separator = ",";
  }
  line << '\n';
  return line.str();
}

std::string read_records(bytes_view segment) {
  std::string text;
  batches all(segment);
  for (const batch_view batch : all) {
    EXPECT_TRUE(batch.is_crc_valid());
    record_reader reader(batch);
    while (true) {
      const auto record = reader.next();
      EXPECT_TRUE(record) << record.error().message;
      if (!record || !*record) {
        break;
      }
      text += line_of(**record, batch.timestamp_type());
    }
  }
  EXPECT_FALSE(all.failure());
  return text;
}

struct golden_case {
  std::string name;
  compression_type compression;
};

class golden : public testing::TestWithParam<golden_case> {};

TEST_P(golden, is_read_as_kafka_reads_it) {
  const auto segment = read_file(GetParam().name + ".log");
  ASSERT_FALSE(segment.empty());
  const auto expected = decompress(compression_type::gzip, read_file(GetParam().name + ".tsv.gz"),
                                   std::size_t{1} << 20);
  ASSERT_TRUE(expected);
  EXPECT_EQ(read_records(segment), as_text(*expected));
  EXPECT_EQ(batch_view::parse(segment)->compression(), GetParam().compression);
}

TEST_P(golden, is_accepted_from_a_leader) {
  auto segment = read_file(GetParam().name + ".log");
  const auto before = segment;
  const auto accepted = validate(segment, {.origin = origin::replication}, test_now_ms);
  ASSERT_TRUE(accepted) << accepted.error().why.message;
  EXPECT_FALSE(accepted->is_changed);
  EXPECT_EQ(segment, before);
}

// Without compression there is one way to write a batch: ours are the same bytes.
TEST_P(golden, is_built_again) {
  const auto segment = read_file(GetParam().name + ".log");
  batches all(segment);
  for (const batch_view batch : all) {
    const bool is_append_time = batch.timestamp_type() == timestamp_type::log_append_time;
    if (batch.compression() != compression_type::none || is_append_time) {
      continue;
    }
    batch_builder builder({.base_offset = batch.base_offset(),
                           .partition_leader_epoch = batch.partition_leader_epoch(),
                           .max_timestamp = batch.max_timestamp(),
                           .producer_id = batch.producer_id(),
                           .producer_epoch = batch.producer_epoch(),
                           .base_sequence = batch.base_sequence(),
                           .is_transactional = batch.is_transactional(),
                           .is_control = batch.is_control(),
                           .delete_horizon_ms = batch.delete_horizon_ms()});
    record_reader reader(batch);
    for (auto record = reader.next(); record && *record; record = reader.next()) {
      builder.append_at((*record)->offset, **record);
    }
    const auto built = builder.build(batch.last_offset());
    EXPECT_TRUE(std::ranges::equal(built, batch.bytes())) << "batch at " << batch.base_offset();
  }
}

INSTANTIATE_TEST_SUITE_P(segments, golden,
                         testing::Values(golden_case{"g-none-0", compression_type::none},
                                         golden_case{"g-gzip-0", compression_type::gzip},
                                         golden_case{"g-snappy-0", compression_type::snappy},
                                         golden_case{"g-lz4-0", compression_type::lz4},
                                         golden_case{"g-zstd-0", compression_type::zstd},
                                         golden_case{"g-recompressed-0", compression_type::zstd},
                                         golden_case{"g-append-time-0", compression_type::none},
                                         golden_case{"g-idempotent-0", compression_type::none},
                                         golden_case{"g-compact-0", compression_type::none},
                                         golden_case{"g-compact-1", compression_type::none},
                                         golden_case{"g-txn-0", compression_type::lz4}));

TEST(golden_markers, are_read_and_built_as_kafka_does) {
  const auto segment = read_file("g-txn-0-markers.log");
  std::vector<control_type> types;
  batches all(segment);
  for (const batch_view batch : all) {
    ASSERT_TRUE(batch.is_control());
    record_reader reader(batch);
    const auto record = reader.next();
    ASSERT_TRUE(record && *record);
    const auto marker = parse_transaction_marker(**record);
    ASSERT_TRUE(marker);
    types.push_back(marker->type);
    auto built = build_transaction_marker(*marker, batch.producer_id(), batch.producer_epoch(),
                                          (*record)->timestamp);
    assign_offsets(built, batch.base_offset(), batch.partition_leader_epoch());
    EXPECT_TRUE(std::ranges::equal(built, batch.bytes()));
  }
  EXPECT_EQ(types, (std::vector{control_type::commit, control_type::abort}));
}

}  // namespace
}  // namespace barnabas::record::tests
