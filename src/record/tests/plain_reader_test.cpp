#include "record/plain_reader.h"

#include <gtest/gtest.h>

#include "record/tests/fixtures.h"

namespace barnabas::record::tests {
namespace {

std::string text_of(const record_view& record) {
  std::string text = std::to_string(record.offset) + " at " + std::to_string(record.timestamp) +
                     ": " + tests::text_of(record.key) + "=" + tests::text_of(record.value);
  for (const record_header& header : record.headers) {
    text += " " + std::string(header.key) + "=" + tests::text_of(header.value);
  }
  return text;
}

std::string read_slowly(batch_view batch) {
  record_reader reader(batch);
  std::string all;
  for (;;) {
    const auto record = reader.next();
    if (!record || !*record) {
      return all + (record ? "" : record.error().message);
    }
    all += text_of(**record) + "\n";
  }
}

std::string read_quickly(batch_view batch) {
  plain_reader reader(batch);
  std::string all;
  record_view record;
  while (reader.next(record)) {
    all += text_of(record) + "\n";
  }
  const auto checked = reader.check();
  return all + (checked ? "" : checked.error().message);
}

void expect_same(const std::vector<std::byte>& bytes, const std::string& what) {
  const auto batch = batch_view::parse(bytes);
  ASSERT_TRUE(batch) << what;
  EXPECT_EQ(read_quickly(*batch), read_slowly(*batch)) << what;
}

TEST(plain_reader, agrees_with_the_other_reader_on_every_changed_byte) {
  auto good = sample_batch({.base_offset = 70}, 6);
  expect_same(good, "as it was");
  mutable_batch::parse(good)->set_max_timestamp(timestamp_type::log_append_time, 99);
  expect_same(good, "with log append time");
  for_each_changed_byte(good, expect_same);
}

TEST(plain_reader, agrees_with_the_other_reader_on_counts_and_ends) {
  const auto good = sample_batch({}, 6);
  for (const std::int32_t count : {0, 1, 5, 7, 1'000'000'000}) {
    for (const std::int32_t last_delta : {0, 4, 5, 999'999'999}) {
      auto bytes = good;
      store_big_endian(bytes.data() + at::record_count, count);
      store_big_endian(bytes.data() + at::last_offset_delta, last_delta);
      expect_same(bytes, std::to_string(count) + " to " + std::to_string(last_delta));
    }
  }
  for (std::size_t size = batch_header_bytes; size < good.size(); ++size) {
    std::vector<std::byte> bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    store_big_endian(bytes.data() + at::length,
                     static_cast<std::int32_t>(size - length_prefix_bytes));
    expect_same(bytes, "cut at " + std::to_string(size));
  }
}

TEST(plain_reader, knows_how_many_records_may_be_left) {
  auto bytes = sample_batch({}, 6);
  plain_reader reader(*batch_view::parse(bytes));
  record_view record;
  EXPECT_EQ(reader.left(), 6);
  EXPECT_TRUE(reader.next(record));
  EXPECT_EQ(reader.left(), 5);
  store_big_endian(bytes.data() + at::record_count, std::int32_t{1'000'000'000});
  EXPECT_LT(plain_reader(*batch_view::parse(bytes)).left(), bytes.size() / 7);
  EXPECT_EQ(plain_reader().left(), 0);
}

}  // namespace
}  // namespace barnabas::record::tests
