#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/uuid.h"
#include "base/varint.h"

namespace barnabas {
namespace {

TEST(crc32c, matches_the_check_value_of_the_standard) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c(as_bytes("56789"), crc32c(as_bytes("1234"))), 0xe3069283u);
  EXPECT_EQ(crc32c({}), 0u);
}

TEST(varint, round_trips_at_the_edges_and_states_its_size) {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63},
                                   std::int64_t{64}, std::int64_t{-65}, INT64_MAX, INT64_MIN}) {
    std::byte buffer[10];
    const auto size = static_cast<std::size_t>(write_varint(buffer, value) - buffer);
    EXPECT_EQ(size, varint_size(value));
    std::int64_t back = 0;
    EXPECT_EQ(read_varint({buffer, size}, back, 10), size);
    EXPECT_EQ(back, value);
    EXPECT_EQ(read_varint({buffer, size - 1}, back, 10), 0u) << "truncated";
  }
}

TEST(varint, longer_than_allowed_is_refused) {
  const std::byte endless[] = {std::byte{0xff}, std::byte{0xff}, std::byte{0xff},
                               std::byte{0xff}, std::byte{0xff}, std::byte{1}};
  std::uint64_t value = 0;
  EXPECT_EQ(read_unsigned_varint(endless, value, 5), 0u);
}

TEST(uuid, reads_and_writes_kafkas_text) {
  const auto id = uuid::parse("o2RiJCLpQ5yduCRT1ZSdIw");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->to_string(), "o2RiJCLpQ5yduCRT1ZSdIw");
  EXPECT_FALSE(uuid::parse("o2RiJCLpQ5yduCRT1ZSdI"));
  EXPECT_FALSE(uuid::parse("o2RiJCLpQ5yduCRT1ZSdI!"));
  EXPECT_EQ(std::to_integer<int>(uuid::from_random(~0ull, ~0ull).bytes[6]) >> 4, 4);
}

TEST(endian, stores_the_most_significant_byte_first) {
  std::byte buffer[4];
  store_big_endian<std::int32_t>(buffer, 0x01020304);
  EXPECT_EQ(std::to_integer<int>(buffer[0]), 1);
  EXPECT_EQ(load_big_endian<std::int32_t>(buffer), 0x01020304);
}

}  // namespace
}  // namespace barnabas
