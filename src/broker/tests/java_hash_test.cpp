#include "broker/java_hash.h"

#include <gtest/gtest.h>

namespace barnabas::broker {
namespace {

TEST(java_hash, is_that_of_javas_strings) {
  EXPECT_EQ(java_hash(""), 0);
  EXPECT_EQ(java_hash("a"), 97);
  EXPECT_EQ(java_hash("hello"), 99162322);
  EXPECT_EQ(java_hash("polygenelubricants"), std::numeric_limits<std::int32_t>::min());
}

TEST(java_hash, counts_units_of_utf_16) {
  EXPECT_EQ(java_hash("\xc3\xa9"), 0xe9);                          // é
  EXPECT_EQ(java_hash("\xe2\x82\xac"), 0x20ac);                    // €
  EXPECT_EQ(java_hash("\xf0\x9f\x98\x80"), 0xd83d * 31 + 0xde00);  // a surrogate pair
}

TEST(java_hash, takes_each_byte_that_is_no_character_for_a_replacement) {
  EXPECT_EQ(java_hash("\xff"), 0xfffd);
  EXPECT_EQ(java_hash("\xe2\x82"), 0xfffd * 31 + 0xfffd);
  EXPECT_EQ(java_hash("\xc0\x80"), 0xfffd * 31 + 0xfffd);
  EXPECT_EQ(java_hash("\xed\xa0\x80"), (0xfffd * 31 + 0xfffd) * 31 + 0xfffd);
  EXPECT_EQ(java_hash("\xc3x"), 0xfffd * 31 + 'x');
}

TEST(java_hash, gives_a_key_its_partition) {
  EXPECT_EQ(partition_of_key("hello", 50), 22);
  EXPECT_EQ(partition_of_key("polygenelubricants", 50), 0);
  EXPECT_EQ(partition_of_key("", 50), 0);
  for (const char* key : {"console-consumer-1", "connect-cluster", "zzzzzzzzzz"}) {
    EXPECT_GE(partition_of_key(key, 50), 0);
    EXPECT_LT(partition_of_key(key, 50), 50);
  }
}

}  // namespace
}  // namespace barnabas::broker
