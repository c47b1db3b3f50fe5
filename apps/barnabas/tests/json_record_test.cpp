#include "records/json_record.h"

#include <gtest/gtest.h>

#include "frame/json_text.h"
#include "records/record_format.h"

namespace barnabas::app {
namespace {

using namespace std::literals;

TEST(json_record, what_consume_prints_is_the_same_record_again) {
  const std::array headers{kafka::header{"from", "castle"}, kafka::header{"raw", "\xc3"},
                           kafka::header{"none", std::nullopt}};
  const kafka::record written{.topic = "t",
                              .partition = 2,
                              .offset = 7,
                              .timestamp_ms = 99,
                              .key = "\xff\0k"sv,
                              .value = "schlo\u00df \"\\\x01",
                              .headers = headers};
  std::string line;
  append_record_json(line, written);
  const auto parsed = json_record::parse(line);
  ASSERT_TRUE(parsed);
  const kafka::new_record read = parsed->record();
  EXPECT_EQ(read.key, written.key);
  EXPECT_EQ(read.value, written.value);
  EXPECT_EQ(read.partition, 2);
  EXPECT_EQ(read.timestamp_ms, 99);
  ASSERT_EQ(read.headers.size(), 3U);
  EXPECT_EQ(read.headers[1].key, "raw");
  EXPECT_EQ(read.headers[1].value, "\xc3");
  EXPECT_EQ(read.headers[2].value, std::nullopt);
}

TEST(json_record, everything_may_be_missing) {
  const auto parsed = json_record::parse("{}");
  ASSERT_TRUE(parsed);
  const kafka::new_record read = parsed->record();
  EXPECT_EQ(read.key, std::nullopt);
  EXPECT_EQ(read.value, std::nullopt);
  EXPECT_EQ(read.partition, kafka::any_partition);
  EXPECT_EQ(read.timestamp_ms, kafka::now);
}

TEST(json_record, a_value_may_be_json_itself) {
  const auto parsed = json_record::parse(R"({"value": {"a": [1, true]}})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->record().value, R"({"a":[1,true]})");
}

TEST(json_record, what_is_wrong_is_named) {
  for (const auto& [line, word] : {std::pair{"{", "no JSON"}, std::pair{"[1]", "no JSON object"},
                                   std::pair{R"({"partition": "x"})", "partition"},
                                   std::pair{R"({"partition": -2})", "partition"},
                                   std::pair{R"({"value_base64": "a"})", "value_base64"},
                                   std::pair{R"({"headers": [{"value": "x"}]})", "headers"}}) {
    const auto parsed = json_record::parse(line);
    ASSERT_FALSE(parsed) << line;
    EXPECT_NE(parsed.error().message.find(word), std::string::npos) << parsed.error().message;
  }
}

TEST(json_text, base64_is_read_strictly) {
  EXPECT_EQ(from_base64("aGk="), "hi");
  EXPECT_EQ(from_base64(""), "");
  EXPECT_EQ(from_base64("aGk"), std::nullopt);
  EXPECT_EQ(from_base64("a=k="), std::nullopt);
}

TEST(json_text, utf8_is_told_from_bytes) {
  EXPECT_TRUE(is_utf8("schlo\u00df \U0001F3F0"));
  for (const char* wrong :
       {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xe0\x80\x80"}) {
    EXPECT_FALSE(is_utf8(wrong)) << printable(wrong);
  }
}

}  // namespace
}  // namespace barnabas::app
