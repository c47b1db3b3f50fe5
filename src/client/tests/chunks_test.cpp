#include "client/chunks.h"

#include <gtest/gtest.h>

#include "client/batch.h"
#include "record/record_reader.h"

namespace barnabas::client {
namespace {

std::vector<std::byte> joined(const std::vector<bytes_view>& parts) {
  std::vector<std::byte> all;
  for (const bytes_view part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}
std::vector<std::byte> pattern(std::size_t bytes) {
  std::vector<std::byte> all(bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    all[i] = static_cast<std::byte>(i * 7 / 5);
  }
  return all;
}

TEST(chunked_bytes, hold_what_was_put_into_them_in_chunks_that_grow) {
  chunk_pool pool;
  for (const std::size_t step : {1000UZ, 4096UZ, 70'000UZ}) {
    chunked_bytes bytes(pool);
    const auto put = pattern(300'000);
    for (std::size_t i = 0; i < put.size(); i += step) {
      bytes.append(bytes_view(put).subspan(i, std::min(step, put.size() - i)));
    }
    EXPECT_EQ(bytes.size(), put.size());
    std::vector<bytes_view> parts;
    bytes.add_parts(parts);
    EXPECT_EQ(joined(parts), put);
    std::vector<std::size_t> sizes;
    for (const bytes_view part : parts) {
      sizes.push_back(part.size() >> 10);
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 8, 16, 32, 64, 64, 64, 36}));
  }
}

TEST(chunked_bytes, give_their_memory_to_others) {
  chunk_pool pool;
  chunked_bytes bytes(pool);
  bytes.append(pattern(128 << 10));
  EXPECT_EQ(pool.free_bytes(), 0U);
  bytes.assign(pattern(5000));
  EXPECT_EQ(bytes.size(), 5000U);
  EXPECT_EQ(pool.free_bytes(), 120U << 10);
  bytes.clear();
  EXPECT_EQ(bytes.size(), 0U);
  EXPECT_EQ(pool.free_bytes(), 128U << 10);
  chunked_bytes others(pool);
  others.append(pattern(64 << 10));
  EXPECT_EQ(pool.free_bytes(), 64U << 10);
}

// Records that fit into what is left of a chunk, that do not, and one of many chunks.
TEST(batch, has_its_records_whole_wherever_chunks_end) {
  chunk_pool pool;
  std::vector<std::byte> scratch;
  using enum record::compression_type;
  for (const auto compression : {none, gzip, snappy, lz4, zstd}) {
    batch made(pool, {});
    std::vector<std::vector<std::byte>> values;
    for (int i = 0; i < 1500; ++i) {
      values.push_back(pattern(i == 700 ? 200'000 : static_cast<std::size_t>(i) % 331));
      made.append(1000 + i, as_bytes("key"), values.back(), 0, {});
    }
    made.seal({compression}, false, scratch);
    made.set_sequence({7, 1, 42});
    std::vector<bytes_view> parts;
    made.add_parts(parts);
    const auto whole = joined(parts);
    EXPECT_EQ(whole.size(), made.size_bytes());
    const auto view = record::batch_view::parse(whole);
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->is_crc_valid());
    EXPECT_EQ(view->compression(), compression);
    record::record_reader reader(*view, record::record_reader::offsets::consecutive);
    for (const auto& value : values) {
      const auto read = reader.next();
      ASSERT_TRUE(read && *read);
      EXPECT_EQ(as_text(*(*read)->key), "key");
      EXPECT_TRUE(std::ranges::equal(*(*read)->value, value));
    }
    EXPECT_FALSE(*reader.next());
  }
}

}  // namespace
}  // namespace barnabas::client
