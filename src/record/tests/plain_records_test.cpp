#include "record/detail/plain_records.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "record/record_reader.h"
#include "record/tests/fixtures.h"

namespace barnabas::record::tests {
namespace {

struct read_slowly {
  bool is_right = true;
  bool has_keys = true;
  detail::plain_records times{std::numeric_limits<std::int64_t>::max(),
                              std::numeric_limits<std::int64_t>::min()};

  explicit read_slowly(batch_view batch) {
    record_reader reader(batch, record_reader::offsets::consecutive);
    for (;;) {
      const auto record = reader.next();
      is_right = record.has_value();
      if (!record || !*record) {
        return;
      }
      has_keys &= (*record)->key.has_value();
      times.smallest_timestamp = std::min(times.smallest_timestamp, (*record)->timestamp);
      times.largest_timestamp = std::max(times.largest_timestamp, (*record)->timestamp);
    }
  }
};

void expect_same(std::vector<std::byte> bytes, const std::string& what) {
  const auto batch = batch_view::parse(bytes);
  ASSERT_TRUE(batch);
  const read_slowly slow(*batch);
  const auto quick = detail::read_plain_records(*batch, false);
  EXPECT_EQ(quick.has_value(), slow.is_right) << what;
  EXPECT_EQ(detail::read_plain_records(*batch, true).has_value(), slow.is_right && slow.has_keys)
      << what;
  if (quick && slow.is_right) {
    EXPECT_EQ(quick->smallest_timestamp, slow.times.smallest_timestamp) << what;
    EXPECT_EQ(quick->largest_timestamp, slow.times.largest_timestamp) << what;
  }
}

TEST(plain_records, agrees_with_the_reader_on_every_changed_byte) {
  const auto good = sample_batch({}, 6);
  expect_same(good, "as it was");
  for_each_changed_byte(good, expect_same);
}

TEST(plain_records, counts_and_ends) {
  const auto good = sample_batch({}, 6);
  for (const std::int32_t count : {0, 1, 5, 7, 1'000'000'000}) {
    auto bytes = good;
    store_big_endian(bytes.data() + at::record_count, count);
    store_big_endian(bytes.data() + at::last_offset_delta, std::max(count, 6) - 1);
    expect_same(bytes, "count " + std::to_string(count));
  }
  for (std::size_t size = batch_header_bytes; size < good.size(); ++size) {
    std::vector<std::byte> bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    store_big_endian(bytes.data() + at::length,
                     static_cast<std::int32_t>(size - length_prefix_bytes));
    expect_same(bytes, "cut at " + std::to_string(size));
  }
}

TEST(plain_records, keys_can_be_asked_for) {
  for (const bool has_key : {true, false}) {
    batch_builder builder({});
    builder.append({.timestamp = test_now_ms, .key = as_bytes("k"), .value = as_bytes("v")});
    const auto key = has_key ? std::optional(as_bytes("")) : std::nullopt;
    builder.append({.timestamp = test_now_ms, .key = key, .value = std::nullopt});
    const auto bytes = builder.build();
    EXPECT_EQ(detail::read_plain_records(*batch_view::parse(bytes), true).has_value(), has_key);
    EXPECT_TRUE(detail::read_plain_records(*batch_view::parse(bytes), false));
  }
}

}  // namespace
}  // namespace barnabas::record::tests
