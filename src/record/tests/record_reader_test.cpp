#include "record/record_reader.h"

#include <gtest/gtest.h>

#include "base/varint.h"
#include "record/tests/fixtures.h"

namespace barnabas::record::tests {
namespace {

using offsets = record_reader::offsets;

result<int> count_records(bytes_view bytes, offsets rule = offsets::consecutive,
                          read_limits limits = {}) {
  const auto batch = batch_view::parse(bytes);
  if (!batch) {
    return std::unexpected(batch.error().why);
  }
  record_reader reader(*batch, rule, limits);
  for (int count = 0;; ++count) {
    const auto record = reader.next();
    if (!record) {
      return std::unexpected(record.error());
    }
    if (!*record) {
      return count;
    }
    for (const record_header& header : (*record)->headers) {
      EXPECT_LE(header.key.size(), bytes.size());
    }
  }
}

// A batch of one record of these bytes, which stand after its length.
std::vector<std::byte> batch_of_body(std::initializer_list<int> body, int length_of_body = -1) {
  auto batch = sample_batch({}, 1);
  batch.resize(batch_header_bytes);
  std::byte length[5];
  const std::int64_t announced =
      length_of_body >= 0 ? length_of_body : static_cast<std::int64_t>(body.size());
  batch.insert(batch.end(), length, write_varint(length, announced));
  for (const int byte : body) {
    batch.push_back(std::byte(byte));
  }
  store_big_endian(batch.data() + at::length, static_cast<std::int32_t>(batch.size() - 12));
  repair_crc(batch);
  return batch;
}

std::string error_of(const std::vector<std::byte>& batch) {
  const auto count = count_records(batch);
  return count ? "" : count.error().message;
}

TEST(record_reader, gives_back_what_was_built_with_every_compression) {
  for (const compression_type type : all_compressions) {
    const auto bytes = sample_batch({.base_offset = 50, .compression = {.type = type}});
    record_reader reader(*batch_view::parse(bytes), offsets::consecutive);
    for (int i = 0; i < 5; ++i) {
      const auto record = reader.next();
      ASSERT_TRUE(record && *record) << to_text(type);
      EXPECT_EQ((*record)->offset, 50 + i);
      EXPECT_EQ((*record)->timestamp, test_now_ms + i * 10);
      EXPECT_EQ(text_of((*record)->key), "key-" + std::to_string(i));
      EXPECT_EQ((*record)->value.has_value(), i != 1);
      EXPECT_EQ((*record)->headers.size(), i == 1 ? 3 : 0);
    }
    const auto end = reader.next();
    EXPECT_TRUE(end && !*end);
    EXPECT_EQ(reader.records_read(), 5);
  }
}

TEST(record_reader, headers_keep_order_nulls_and_empties) {
  const auto bytes = sample_batch({}, 2);
  record_reader reader(*batch_view::parse(bytes));
  (void)reader.next();
  const auto record = reader.next();
  ASSERT_TRUE(record && *record);
  std::string text;
  for (const record_header& header : (*record)->headers) {
    text += std::string(header.key) + '=' + text_of(header.value) + ';';
  }
  EXPECT_EQ(text, "kind=sample;=(null);empty=;");
}

TEST(record_reader, records_larger_than_its_pieces_are_whole) {
  for (const compression_type type : all_compressions) {
    batch_builder builder(with_compression(type));
    for (const std::size_t size : {1, 70'000, 5, 1'000'000, 200'000}) {
      const std::string value(size, 'x');
      builder.append({.timestamp = 1, .value = as_bytes(value)});
    }
    EXPECT_EQ(count_records(builder.build()), 5) << to_text(type);
  }
}

TEST(record_reader, log_append_time_is_the_time_of_every_record) {
  auto bytes = sample_batch({});
  mutable_batch::parse(bytes)->set_max_timestamp(timestamp_type::log_append_time, 99);
  record_reader reader(*batch_view::parse(bytes));
  EXPECT_EQ((*reader.next())->timestamp, 99);
}

TEST(record_reader, gaps_of_compaction_are_read_and_refused_from_producers) {
  const auto bytes = sample_batch({.base_offset = 10});
  record_reader all(*batch_view::parse(bytes));
  batch_builder compacted({.base_offset = 10});
  for (auto record = all.next(); *record; record = all.next()) {
    if ((*record)->offset % 2 != 0) {
      compacted.append_at((*record)->offset, **record);
    }
  }
  const auto gaps = compacted.build(14);
  EXPECT_EQ(batch_view::parse(gaps)->last_offset(), 14);
  EXPECT_EQ(count_records(gaps, offsets::growing), 2);
  EXPECT_FALSE(count_records(gaps, offsets::consecutive));
}

TEST(record_reader, batch_without_records_is_empty) {
  batch_builder builder({.base_offset = 10,
                         .compression = {.type = compression_type::zstd},
                         .max_timestamp = 123,
                         .producer_id = 5,
                         .producer_epoch = 0,
                         .base_sequence = 8});
  const auto bytes = builder.build(19);
  EXPECT_EQ(bytes.size(), batch_header_bytes);
  EXPECT_EQ(batch_view::parse(bytes)->last_sequence(), 17);
  EXPECT_EQ(batch_view::parse(bytes)->base_timestamp(), 123);
  EXPECT_EQ(count_records(bytes, offsets::growing), 0);
}

TEST(record_reader, counts_that_lie_are_named) {
  for (const compression_type type : all_compressions) {
    auto bytes = sample_batch(with_compression(type));
    store_big_endian(bytes.data() + at::last_offset_delta, std::int32_t{1000});
    store_big_endian(bytes.data() + at::record_count, std::int32_t{6});
    EXPECT_EQ(error_of(bytes), "the header counts 6 records, there are 5");
    store_big_endian(bytes.data() + at::record_count, std::int32_t{4});
    EXPECT_EQ(error_of(bytes), "bytes are left after the 4 records that the header counts");
    store_big_endian(bytes.data() + at::record_count, std::int32_t{0});
    EXPECT_EQ(error_of(bytes), "bytes are left after the 0 records that the header counts");
    store_big_endian(bytes.data() + at::record_count, std::int32_t{5});
    store_big_endian(bytes.data() + at::last_offset_delta, std::int32_t{3});
    EXPECT_EQ(error_of(bytes), "record 4: its offset delta is 4 after 3 of at most 3");
  }
}

TEST(record_reader, broken_records_are_named) {
  EXPECT_EQ(error_of(batch_of_body({0, 0, 0, 1, 1, 0})), "");
  EXPECT_EQ(error_of(batch_of_body({})), "record 0: it has no attributes");
  EXPECT_EQ(error_of(batch_of_body({0, 0, 0, 1, 1, 0}, 7)),
            "record 0: its length is 7, but 6 bytes are left");
  EXPECT_EQ(error_of(batch_of_body({0, 0x80})),
            "record 0: its timestamp delta ends early or is too long");
  EXPECT_EQ(error_of(batch_of_body({0, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 1, 1, 0})),
            "record 0: its offset delta ends early or is too long");
  EXPECT_EQ(error_of(batch_of_body({0, 0, 0x80, 0x80, 0x80, 0x80, 0x20, 1, 1, 0})),
            "record 0: its offset delta ends early or is too long");
  EXPECT_EQ(error_of(batch_of_body({0, 0, 0, 3, 1, 0})),
            "record 0: its key's length is negative or beyond the record");
  EXPECT_EQ(error_of(batch_of_body({0, 0, 0, 1, 20, 0})),
            "record 0: its value's length is negative or beyond the record");
  EXPECT_EQ(error_of(batch_of_body({0, 0, 0, 1, 1, 2})),
            "record 0: its header count is negative or more than its bytes can hold");
  EXPECT_EQ(error_of(batch_of_body({0, 0, 0, 1, 1, 1})),
            "record 0: its header count is negative or more than its bytes can hold");
  EXPECT_EQ(error_of(batch_of_body({0, 0, 0, 1, 1, 2, 1, 1})),
            "record 0: a header's length is negative or beyond the record");
  EXPECT_EQ(error_of(batch_of_body({0, 0, 0, 1, 1, 0, 0})),
            "record 0: bytes are left after its headers");
  EXPECT_EQ(error_of(batch_of_body({0, 0, 2, 1, 1, 0})),
            "record 0: its offset delta is 1 after -1 of at most 0");
}

TEST(record_reader, every_changed_byte_of_the_payload_is_an_error_or_harmless) {
  for (const compression_type type : all_compressions) {
    auto bytes = sample_batch(with_compression(type));
    for (std::size_t i = at::attributes; i < bytes.size(); ++i) {
      for (const unsigned bits : {0x01U, 0x40U, 0x80U, 0xffU}) {
        const std::byte before = bytes[i];
        bytes[i] ^= std::byte(bits);
        (void)count_records(bytes, offsets::growing);
        bytes[i] = before;
      }
    }
  }
}

TEST(record_reader, every_truncated_payload_is_an_error) {
  for (const compression_type type : all_compressions) {
    const auto whole = sample_batch(with_compression(type));
    for (std::size_t size = batch_header_bytes; size < whole.size(); ++size) {
      auto bytes = whole;
      bytes.resize(size);
      store_big_endian(bytes.data() + at::length, static_cast<std::int32_t>(size - 12));
      EXPECT_FALSE(count_records(bytes)) << to_text(type) << ' ' << size;
    }
  }
}

// The decompressed stream claims one record of 1 GiB, and holds 64 MiB of zeros or more.
std::vector<std::byte> bomb(compression_type type, std::int32_t claimed_bytes) {
  auto batch = sample_batch(with_compression(type), 1);
  batch.resize(batch_header_bytes);
  std::vector<std::byte> stream(5);
  stream.resize(
      static_cast<std::size_t>(write_varint(stream.data(), claimed_bytes) - stream.data()));
  stream.resize(std::size_t{64} << 20);
  const auto packed = compress({.type = type}, stream);
  batch.insert(batch.end(), packed.begin(), packed.end());
  store_big_endian(batch.data() + at::length, static_cast<std::int32_t>(batch.size() - 12));
  repair_crc(batch);
  return batch;
}

TEST(record_reader, bombs_are_refused_before_they_are_unpacked) {
  for (const compression_type type : all_compressions) {
    const auto large_record = count_records(bomb(type, 1 << 30));
    ASSERT_FALSE(large_record);
    EXPECT_EQ(large_record.error().code, error_code::message_too_large) << to_text(type);

    read_limits limits{.max_record_bytes = std::size_t{100} << 20,
                       .max_batch_bytes = std::size_t{1} << 20};
    const auto large_batch = count_records(bomb(type, 60 << 20), offsets::consecutive, limits);
    // Bytes that are there already need no limit.
    EXPECT_EQ(!large_batch && large_batch.error().code == error_code::message_too_large,
              type != compression_type::none)
        << to_text(type);
  }
}

}  // namespace
}  // namespace barnabas::record::tests
