#include "client/partitioner.h"

#include <gtest/gtest.h>

#include <string>

namespace barnabas::client {
namespace {

constexpr std::int32_t few = 12;
constexpr std::int32_t many = 1'000'003;

// What librdkafka 2.0.2 answers for these keys with 12 and with 1,000,003
// partitions.
struct golden {
  std::string_view key;
  std::int32_t consistent_few, consistent_many;
  std::int32_t murmur2_few, murmur2_many;
  std::int32_t fnv1a_few, fnv1a_many;
};
constexpr golden table[] = {
    {{"", 0}, 0, 0, 9, 645856, 3, 824651},
    {{"a", 1}, 3, 344195, 4, 100772, 0, 963672},
    {{"ab", 2}, 5, 395908, 2, 154486, 6, 268064},
    {{"abc", 3}, 6, 565905, 3, 468670, 11, 919011},
    {{"abcd", 4}, 1, 760417, 8, 831631, 3, 419258},
    {{"abcde", 5}, 9, 265765, 1, 994358, 0, 362268},
    {{"21", 2}, 4, 439776, 0, 547821, 0, 252662},
    {{"foobar", 6}, 5, 922071, 6, 147095, 0, 228336},
    {{"a-little-bit-long-string", 24}, 6, 423554, 8, 498629, 4, 516376},
    {{"a-little-bit-longer-string", 26}, 2, 480059, 11, 176836, 9, 659973},
    {{"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", 48}, 1, 339126, 5, 579413, 10, 148799},
    {{"1234", 4}, 7, 394814, 0, 296341, 3, 477524},
    {{"this is another string with spaces", 34}, 7, 59959, 5, 685214, 10, 662025},
    {{"kafka", 5}, 11, 72782, 4, 976536, 5, 495882},
    {{"castle", 6}, 4, 868630, 6, 352138, 3, 514881},
    {{"\x00\x01\x02\xff", 4}, 0, 641184, 10, 455291, 9, 496706},
    {{"\xf0\x9f\x8f\xb0", 4}, 2, 40001, 7, 665320, 9, 328670},
};

void expect_both(partitioner_kind kind, std::string_view key, std::int32_t with_few,
                 std::int32_t with_many) {
  EXPECT_EQ(partition_of_key(kind, as_bytes(key), few), with_few) << key;
  EXPECT_EQ(partition_of_key(kind, as_bytes(key), many), with_many) << key;
}

TEST(partitioner, agrees_with_librdkafka) {
  for (const golden& each : table) {
    expect_both(partitioner_kind::consistent, each.key, each.consistent_few, each.consistent_many);
    expect_both(partitioner_kind::murmur2, each.key, each.murmur2_few, each.murmur2_many);
    expect_both(partitioner_kind::fnv1a, each.key, each.fnv1a_few, each.fnv1a_many);
    expect_both(partitioner_kind::murmur2_random, each.key, each.murmur2_few, each.murmur2_many);
    expect_both(partitioner_kind::fnv1a_random, each.key, each.fnv1a_few, each.fnv1a_many);
  }
}

// The figures of org.apache.kafka.common.utils.Utils.murmur2.
TEST(partitioner, hashes_as_java) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes("21"))), -973932308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes("foobar"))), -790332482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes("a-little-bit-long-string"))), -985981536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes("a-little-bit-longer-string"))),
            -1486304829);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes("abc"))), 479470107);
}

TEST(partitioner, leaves_records_without_a_key_to_chance_where_the_name_says_so) {
  EXPECT_EQ(partition_of_key(partitioner_kind::consistent, std::nullopt, few), 0);
  EXPECT_EQ(partition_of_key(partitioner_kind::murmur2, std::nullopt, few), 9);
  EXPECT_EQ(partition_of_key(partitioner_kind::fnv1a, std::nullopt, few), 3);
  EXPECT_EQ(partition_of_key(partitioner_kind::murmur2_random, std::nullopt, few), std::nullopt);
  EXPECT_EQ(partition_of_key(partitioner_kind::fnv1a_random, std::nullopt, few), std::nullopt);
  EXPECT_EQ(partition_of_key(partitioner_kind::consistent_random, std::nullopt, few), std::nullopt);
  EXPECT_EQ(partition_of_key(partitioner_kind::consistent_random, as_bytes(""), few), std::nullopt);
  EXPECT_EQ(partition_of_key(partitioner_kind::sticky, as_bytes("abc"), few), std::nullopt);
  EXPECT_EQ(partition_of_key(partitioner_kind::random, as_bytes("abc"), few), std::nullopt);
}

}  // namespace
}  // namespace barnabas::client
