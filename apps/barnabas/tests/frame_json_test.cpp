#include "decode/frame_json.h"

#include <gtest/gtest.h>

namespace barnabas::app {
namespace {

using namespace std::literals;

TEST(frame_json, hexadecimal_digits_may_be_written_in_many_ways) {
  for (const char* text : {"0a0BfF", "0a 0b\nff", "0x0a 0x0b 0xff", "0a:0b:ff"}) {
    EXPECT_EQ(from_hex(text), "\x0a\x0b\xff"s) << text;
  }
  EXPECT_EQ(from_hex(""), "");
  for (const char* wrong : {"0", "0g", "0xg", "@1", "0a0"}) {
    EXPECT_FALSE(from_hex(wrong)) << wrong;
  }
}

TEST(frame_json, an_api_is_found_by_name_and_key) {
  for (const char* text : {"Fetch", "fetch", "1"}) {
    const auto found = find_api(text);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ((*found)->name, "Fetch");
  }
  EXPECT_FALSE(find_api("Fetc"));
  EXPECT_FALSE(find_api("-1"));
}

TEST(frame_json, a_request_says_its_api_and_header) {
  const std::string bytes = *from_hex("0003 0000 00000005 0001 61 00000000");
  EXPECT_EQ(request_json(as_bytes(bytes)),
            R"({"api":"Metadata","version":0,"header":{"requestApiKey":3,"requestApiVersion":0,)"
            R"("correlationId":5,"clientId":"a"},"body":{"topics":[]}})");
}

TEST(frame_json, bytes_behind_the_end_are_an_error) {
  const std::string bytes = *from_hex("0003 0000 00000005 0001 61 00000000 00");
  const auto text = request_json(as_bytes(bytes));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, "1 bytes behind the last field");
}

}  // namespace
}  // namespace barnabas::app
