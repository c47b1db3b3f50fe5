#include "storage/key_offsets.h"

#include <gtest/gtest.h>

#include <string>

namespace barnabas::storage {
namespace {

TEST(key_offsets, the_newest_offset_of_a_key_is_found) {
  key_offsets keys(1 << 20, 0.9, 1000, 1);
  for (std::int64_t offset = 0; offset < 1000; ++offset) {
    ASSERT_TRUE(keys.put(keys.digest_of(as_bytes(std::to_string(offset % 300))), offset));
  }
  EXPECT_EQ(keys.size(), 300U);
  for (std::int64_t key = 0; key < 300; ++key) {
    const std::int64_t newest = key < 100 ? key + 900 : key + 600;
    EXPECT_EQ(keys.find(keys.digest_of(as_bytes(std::to_string(key)))), newest);
  }
  EXPECT_EQ(keys.find(keys.digest_of(as_bytes("other"))), key_offsets::no_offset);
  EXPECT_EQ(keys.find(keys.digest_of({})), key_offsets::no_offset);
}

TEST(key_offsets, it_is_full_at_its_load_factor_and_takes_known_keys_still) {
  key_offsets keys(100 * key_offsets::slot_bytes, 0.5, 1'000'000, 1);
  EXPECT_EQ(keys.capacity(), 50U);
  for (std::int64_t key = 0; key < 50; ++key) {
    ASSERT_TRUE(keys.put(keys.digest_of(as_bytes(std::to_string(key))), key));
  }
  EXPECT_FALSE(keys.put(keys.digest_of(as_bytes("one more")), 50));
  EXPECT_TRUE(keys.put(keys.digest_of(as_bytes("7")), 51));
  EXPECT_EQ(keys.find(keys.digest_of(as_bytes("7"))), 51);
}

TEST(key_offsets, even_without_memory_there_is_room_for_one_key) {
  key_offsets keys(0, 0.9, 10, 1);
  EXPECT_TRUE(keys.put(keys.digest_of(as_bytes("a")), 3));
  EXPECT_FALSE(keys.put(keys.digest_of(as_bytes("b")), 4));
  EXPECT_EQ(keys.find(keys.digest_of(as_bytes("a"))), 3);
  EXPECT_EQ(keys.find(keys.digest_of(as_bytes("b"))), key_offsets::no_offset);
}

TEST(key_offsets, the_seed_changes_digests) {
  const key_offsets one(1000, 0.9, 10, 1);
  const key_offsets other(1000, 0.9, 10, 2);
  EXPECT_NE(one.digest_of(as_bytes("key")), other.digest_of(as_bytes("key")));
}

}  // namespace
}  // namespace barnabas::storage
