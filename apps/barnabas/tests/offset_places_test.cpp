// Places in partitions, as consume and group reset-offsets read them.
#include <gtest/gtest.h>

#include "groups/offset_reset.h"
#include "records/reading_range.h"

namespace barnabas::app {
namespace {

TEST(place, is_read_as_kcat_writes_it) {
  const auto kind = [](const char* text) { return parse_place(text, 10'000)->what; };
  EXPECT_EQ(kind("beginning"), place::kind::beginning);
  EXPECT_EQ(kind("end"), place::kind::end);
  EXPECT_EQ(kind("7"), place::kind::offset);
  EXPECT_EQ(kind("-7"), place::kind::before_end);
  EXPECT_EQ(kind("s@1700000000000"), place::kind::time);
  EXPECT_EQ(parse_place("-7", 0)->value, 7);
  EXPECT_EQ(parse_place("s@2s", 10'000)->value, 8'000);
  for (const char* wrong : {"", "x", "s@", "s@soon", "1.5", "--7"}) {
    EXPECT_FALSE(parse_place(wrong, 0)) << wrong;
  }
}

TEST(offset_lines, are_topic_partition_and_offset) {
  const auto offsets = parse_offset_lines("letters,0,5\n\n orders,12,0\r\n", "f");
  ASSERT_TRUE(offsets);
  EXPECT_EQ(*offsets, (offset_map{{{"letters", 0}, 5}, {{"orders", 12}, 0}}));
}

TEST(offset_lines, a_wrong_one_is_named) {
  for (const char* wrong : {"letters,0", "letters,0,x", "letters,-1,0", ",0,0", "letters,0,1,2"}) {
    const auto offsets = parse_offset_lines(std::string("a,0,1\n") + wrong, "f");
    ASSERT_FALSE(offsets) << wrong;
    EXPECT_EQ(offsets.error().message.substr(0, 4), "f:2:") << offsets.error().message;
  }
}

}  // namespace
}  // namespace barnabas::app
