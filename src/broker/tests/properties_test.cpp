#include "broker/properties.h"

#include <gtest/gtest.h>

namespace barnabas::broker {
namespace {

std::string all(std::string_view text) {
  const auto parsed = parse_properties(text);
  if (!parsed) {
    return "error: " + parsed.error().message;
  }
  std::string out;
  for (const property& it : *parsed) {
    out += it.key + "|" + it.value + ";";
  }
  return out;
}

TEST(properties, keys_end_at_equals_colons_and_blanks) {
  EXPECT_EQ(all("a=1\nb:2\nc 3\nd = 4\ne : 5\nf\t=\t6\n"), "a|1;b|2;c|3;d|4;e|5;f|6;");
  EXPECT_EQ(all("a==1\nb= =2\nc\n=x\n"), "a|=1;b|=2;c|;|x;");
  EXPECT_EQ(all("listeners=PLAINTEXT://:9092"), "listeners|PLAINTEXT://:9092;");
}

TEST(properties, comments_and_empty_lines_say_nothing) {
  EXPECT_EQ(all("# a=1\n\n   ! b=2\n \t \nc=3 # not a comment"), "c|3 # not a comment;");
  EXPECT_EQ(all("# continued? \\\na=1"), "a|1;");
  EXPECT_EQ(all(""), "");
}

TEST(properties, every_line_end) {
  EXPECT_EQ(all("a=1\r\nb=2\rc=3\n\rd=4"), "a|1;b|2;c|3;d|4;");
}

TEST(properties, a_backslash_at_the_end_continues_the_line) {
  EXPECT_EQ(all("a=1,\\\n    2,\\\r\n\t3\nb=4"), "a|1,2,3;b|4;");
  EXPECT_EQ(all("a=1\\\\\nb=2"), "a|1\\;b|2;");
  EXPECT_EQ(all("a=1\\\\\\\n2"), "a|1\\2;");
  EXPECT_EQ(all("a=1\\"), "a|1;");
  EXPECT_EQ(all("a=1\\\n# not a comment"), "a|1# not a comment;");
}

TEST(properties, escapes) {
  EXPECT_EQ(all("a\\ b\\=c=\\t\\n\\r\\f\\q\\\\"), "a b=c|\t\n\r\fq\\;");
  EXPECT_EQ(all("a=\\u0041\\u00e4\\u20AC\\ud83d\\ude00"),
            "a|A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80;");
  EXPECT_EQ(all("a=\\ud83dx"), "a|\xef\xbf\xbdx;");
  EXPECT_EQ(all("a=1\nb=\\u00g1"), "error: line 2: \\u is not followed by four hex digits");
  EXPECT_EQ(all("b=\\u00"), "error: line 1: \\u is not followed by four hex digits");
}

TEST(properties, lines_are_counted_from_where_they_begin) {
  const auto parsed = parse_properties("#\na=1\\\n2\n\nb=3");
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)[0].line, 2);
  EXPECT_EQ((*parsed)[1].line, 5);
}

TEST(properties, overrides) {
  const auto one = parse_override("listeners=A://:1?x=y");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->key, "listeners");
  EXPECT_EQ(one->value, "A://:1?x=y");
  EXPECT_FALSE(parse_override("listeners"));
  EXPECT_FALSE(parse_override("=1"));
}

}  // namespace
}  // namespace barnabas::broker
