#include "records/record_format.h"

#include <gtest/gtest.h>

namespace barnabas::app {
namespace {

using namespace std::literals;

const std::array headers{kafka::header{"from", "castle"}, kafka::header{"empty", std::nullopt}};
const kafka::record letter{.topic = "letters",
                           .partition = 3,
                           .offset = 41,
                           .timestamp_ms = 1'700'000'000'123,
                           .key = "k",
                           .value = "hello",
                           .headers = headers};
const kafka::record nulls{.topic = "letters"};

std::string printed(std::string_view format, const kafka::record& record, bool shows_null = false) {
  std::string text;
  const auto parsed = record_format::parse(format, shows_null);
  EXPECT_TRUE(parsed) << format;
  parsed->append(text, record);
  return text;
}

TEST(record_format, prints_every_part_of_a_record) {
  EXPECT_EQ(printed("%t/%p/%o %T %k(%K)=%s(%S) %h%%\\n", letter),
            "letters/3/41 1700000000123 k(1)=hello(5) from=castle,empty=%\n");
}

TEST(record_format, null_is_nothing_or_is_shown) {
  EXPECT_EQ(printed("%k|%K|%s|%S", nulls), "|-1||-1");
  EXPECT_EQ(printed("%k|%K|%s|%S", nulls, true), "NULL|-1|NULL|-1");
  EXPECT_EQ(printed("%h", letter, true), "from=castle,empty=NULL");
}

TEST(record_format, the_length_of_a_value_comes_as_four_bytes) {
  EXPECT_EQ(printed("%R", letter), "\0\0\0\5"s);
  EXPECT_EQ(printed("%R", nulls), "\xff\xff\xff\xff"s);
}

TEST(record_format, escapes_are_bytes) {
  EXPECT_EQ(printed("\\t\\r\\n\\\\\\x41\\x7\\0", letter), "\t\r\n\\A\7\0"s);
}

TEST(record_format, what_is_no_format_is_refused) {
  for (const char* wrong : {"%y", "%", "\\q", "\\", "\\xzz"}) {
    const auto parsed = record_format::parse(wrong, false);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, exit_code::wrong_usage);
  }
}

TEST(record_json, bytes_that_are_not_text_are_base64) {
  std::string text;
  append_record_json(text, {.topic = "t", .key = "\xff\xfe", .value = "\"q\"\n"});
  EXPECT_EQ(text,
            "{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"timestamp\":0,"
            "\"key_base64\":\"//4=\",\"value\":\"\\\"q\\\"\\n\",\"headers\":[]}\n");
}

}  // namespace
}  // namespace barnabas::app
